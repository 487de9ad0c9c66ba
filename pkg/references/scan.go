package references

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/scan"
)

// source is a declared library in a database.
type source struct {
	db       *mongodb.Reader
	library  library.Library
	progress *progress.Progress
}

// place is where a reference is in a row.
type place struct {
	reference, at int
	list          bool
}

// of is what a document holds there.
func (p place) of(row scan.Row) held { return held{row[p.at], p.list} }

// placesOf are the places of some references of one collection.
func placesOf(l library.Library, refs []int) (*scan.Fields, []place) {
	fields, places := scan.NewFields(), make([]place, len(refs))
	for n, i := range refs {
		from := l.References[i].From
		places[n] = place{reference: i, at: fields.Position(from.Name), list: from.List}
	}
	return fields, places
}

// scan gives every document of a collection to each, with the fields of some of its references.
func (s source) scan(ctx context.Context, collection string, refs []int, each func(scan.Row, []place)) error {
	s.progress.Start("reading "+collection, s.db.Estimate(ctx, collection))
	defer s.progress.Done()
	fields, places := placesOf(s.library, refs)
	o := mongodb.ScanOptions{Fields: fields.Names(), Used: s.progress.Add}
	return s.db.Scan(ctx, collection, o, func(doc bson.Raw) error {
		each(fields.Read(doc), places)
		return nil
	})
}

// scanParts is scan by several cursors, each with a taker of its own.
func (s source) scanParts(ctx context.Context, collection string, refs []int, newTaker func(alone bool) *taker) error {
	s.progress.Start("reading "+collection, s.db.Estimate(ctx, collection))
	defer s.progress.Done()
	all, places := placesOf(s.library, refs)
	o := mongodb.ScanOptions{Fields: all.Names(), Used: s.progress.Add}
	return s.db.ScanParts(ctx, collection, o, func(alone bool) mongodb.Part {
		t, fields := newTaker(alone), all.Clone()
		return mongodb.Part{Merge: t.merge, Each: func(doc bson.Raw) error {
			t.take(fields.Read(doc), places)
			return nil
		}}
	})
}

// scanOptions are those of a scan for all references of a collection.
func (s source) scanOptions(collection string) mongodb.ScanOptions {
	fields, _ := placesOf(s.library, s.refersFrom(collection))
	return mongodb.ScanOptions{Fields: fields.Names(), Used: s.progress.Add}
}

// occurrences gives each occurrence of some references of one collection that leads to an id in gone, which is by
// reference.
func (s source) occurrences(ctx context.Context, refs []int, gone []bsonvalue.IDSet, each func(Occurrence)) error {
	return s.scan(ctx, s.library.References[refs[0]].From.Collection, refs, func(row scan.Row, places []place) {
		for _, p := range places {
			for target := range p.of(row).targets {
				if gone[p.reference].Has(target) {
					each(occurrence(p, row, target))
				}
			}
		}
	})
}

func occurrence(p place, row scan.Row, target bsonvalue.ID) Occurrence {
	return Occurrence{Reference: p.reference, Document: bsonvalue.Of(row[scan.ID]), Target: target}
}

// indexes are the references that are so, as indexes of Library.References.
func indexes(l library.Library, so func(library.Reference) bool) (some []int) {
	for i, ref := range l.References {
		if so(ref) {
			some = append(some, i)
		}
	}
	return some
}
