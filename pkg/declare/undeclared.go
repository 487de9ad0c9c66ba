package declare

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// UndeclaredSample is how many documents of each collection Undeclared should look at.
const UndeclaredSample = 60

// maxKept bounds what is kept of one collection's sample, in bytes.
const maxKept = 4 << 20

// Undeclared are the fields, in a sample of each collection, that hold ids of another collection's documents and that a
// declaration does not name. Of a collection that the user may not read nothing is said.
func Undeclared(ctx context.Context, db *mongodb.Reader, l library.Library, collections []string) ([]Reference, error) {
	f := Facts{Database: db.Name()}
	for _, name := range Describable(collections) {
		s, err := sampleBeside(ctx, db, l, name)
		if err != nil && !connection.IsAuthentication(err) {
			return nil, err
		}
		f.Samples = append(f.Samples, s)
	}
	if err := f.lookUp(ctx, db, ask(f.Samples, alike)); err != nil && !connection.IsAuthentication(err) {
		return nil, err
	}
	return Beside(l, References(f)), nil
}

// sampleBeside is a sample without the fields that a declaration names.
func sampleBeside(ctx context.Context, db *mongodb.Reader, l library.Library, collection string) (Sample, error) {
	s, kept := Sample{Collection: collection}, 0
	err := db.Sample(ctx, collection, UndeclaredSample, func(doc bson.Raw) error {
		if k := kindOf(doc.Lookup("_id")); k != noID && !slices.Contains(s.kinds, k) {
			s.kinds = append(s.kinds, k)
		}
		rest, err := bson.Marshal(beside(l, collection, doc))
		if kept += len(rest); err == nil && kept <= maxKept {
			s.Docs = append(s.Docs, rest)
		}
		return err
	})
	return s, err
}

// beside are the fields of a document that a declaration does not name.
func beside(l library.Library, collection string, doc bson.Raw) (rest bson.D) {
	rest = bson.D{}
	elements, _ := doc.Elements()
	for _, e := range elements {
		if name := e.Key(); name != "_id" && !names(l, collection, name) {
			rest = append(rest, bson.E{Key: name, Value: e.Value()})
		}
	}
	return rest
}

// Beside are the references that are sure and that a declaration does not name. Documents that expire are history: what
// they referred to may be gone, and of a field that mostly leads nowhere nothing is said.
func Beside(l library.Library, all []Reference) (undeclared []Reference) {
	for _, r := range all {
		field, _, _ := strings.Cut(r.Path, ".")
		history := slices.ContainsFunc(l.Expiring, func(x library.Expiring) bool { return x.Collection == r.Collection })
		if r.Sure && !names(l, r.Collection, strings.TrimSuffix(field, "[]")) && !(history && 2*r.Hits <= r.Values) {
			undeclared = append(undeclared, r)
		}
	}
	return undeclared
}

// names tells whether a declaration says something of a field at the top of a collection's documents.
func names(l library.Library, collection, field string) bool {
	is := func(c, name string) bool { return c == collection && name == field }
	refers := func(r library.Reference) bool { return is(r.From.Collection, r.From.Name) }
	queries := func(c library.Counter) bool { return is(c.Matching.Collection, c.Matching.Name) }
	vectors := func(s library.VectorSource) bool { return is(s.Collection, s.File) }
	return slices.ContainsFunc(l.References, refers) || slices.ContainsFunc(l.Counters, queries) ||
		l.Incomplete != nil && is(l.Incomplete.Queue.Collection, l.Incomplete.Queue.IDs) ||
		l.Vectors != nil && slices.ContainsFunc(l.Vectors.Sources, vectors)
}

// Text is the reference with its evidence, for a person.
func (r Reference) Text() string { return fmt.Sprintf("%s: %s", r.Place, r.Evidence()) }
