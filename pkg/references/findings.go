package references

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/naming"
)

// Findings are what Find saw.
type Findings struct {
	Library    library.Library
	Documents  map[string]int64 // that were read, by collection: of each that a reference concerns
	References []Finding        // in the order of Library.References
	Names      naming.Names     // of some of the documents that refer; nil before FindNames
}

// Finding is what Find saw of one declared reference.
type Finding struct {
	Holders int64 // documents that refer to anything in this field
	Broken  int64 // occurrences that lead nowhere
	// Occurrences are those that are broken: all of them, or as many as one run keeps.
	Occurrences []Occurrence
}

// Occurrence is one place in which a document refers to what does not exist, or is about to go.
type Occurrence struct {
	Reference int          // the index in Library.References
	Document  bsonvalue.ID // that refers
	Target    bsonvalue.ID // an ObjectID if the document holds the text of one
}

// Unkept is how many broken references there are that may be removed and are not among the Occurrences.
func (f *Findings) Unkept() (n int64) {
	for i, finding := range f.References {
		if f.Removable(i) {
			n += finding.Broken - int64(len(finding.Occurrences))
		}
	}
	return n
}

// Text says what an occurrence is, such as "file_records 6f… (/photos/a.jpg): tag_ids → 6a… does not exist".
func (f *Findings) Text(o Occurrence) string {
	from := f.Library.References[o.Reference].From
	return fmt.Sprintf("%s: %s → %s does not exist", f.Names.Text(naming.Document{Collection: from.Collection,
		ID: o.Document}), from.Name, o.Target)
}

// FindNames finds the names of the documents of the first occurrences of each reference.
func (f *Findings) FindNames(ctx context.Context, db *mongodb.Reader, most int) (err error) {
	var documents []naming.Document
	for i, finding := range f.References {
		collection := f.Library.References[i].From.Collection
		for _, o := range finding.Occurrences[:min(most, len(finding.Occurrences))] {
			documents = append(documents, naming.Document{Collection: collection, ID: o.Document})
		}
	}
	f.Names, err = naming.Find(ctx, db, f.Library, documents)
	return err
}

// empty are the collections of a reference that had no document. One may have been dropped or renamed, or is being
// restored.
func (f *Findings) empty(reference int) (collections []string) {
	for _, to := range f.Library.References[reference].To {
		if f.Documents[to] == 0 {
			collections = append(collections, to)
		}
	}
	return collections
}

// Removable tells whether the broken references of a kind may be removed: something is declared to be done with them,
// and either none or all of their collections are empty. Where some are, an id that is in none of the others may have
// been in these.
func (f *Findings) Removable(reference int) bool {
	ref, empty := f.Library.References[reference], len(f.empty(reference))
	return ref.Dangling != library.Report && (empty == 0 || empty == len(ref.To))
}

// EmptyTargets says, of the broken references for which concerns is true, which collections they lead or may lead into
// that have no documents, and how many do.
func (f *Findings) EmptyTargets(concerns func(reference int) bool) (texts []string) {
	into := map[string]int64{}
	for i, finding := range f.References {
		if finding.Broken == 0 || !concerns(i) {
			continue
		}
		for _, collection := range f.empty(i) {
			into[collection] += finding.Broken
		}
	}
	for _, collection := range slices.Sorted(maps.Keys(into)) {
		texts = append(texts, fmt.Sprintf("%s has no documents, but %d references lead or may lead there", collection,
			into[collection]))
	}
	return texts
}
