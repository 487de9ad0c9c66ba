package references

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/progress"
)

// source is a declared library in a database.
type source struct {
	db       *mongodb.Reader
	library  library.Library
	progress *progress.Progress
}

// scan gives every document of a collection to each, with the fields of some of its references.
func (s source) scan(ctx context.Context, collection string, refs []int, each func(bson.Raw)) error {
	s.progress.Start("reading "+collection, s.db.Estimate(ctx, collection))
	defer s.progress.Done()
	fields := []string{"_id"}
	for _, i := range refs {
		fields = append(fields, s.library.References[i].From.Name)
	}
	slices.Sort(fields)
	return s.db.Scan(ctx, collection, mongodb.ScanOptions{Fields: slices.Compact(fields)}, func(doc bson.Raw) error {
		s.progress.Add(1)
		each(doc)
		return nil
	})
}

// occurrences gives each occurrence of some references of one collection that leads to an id in gone, which is by
// reference.
func (s source) occurrences(ctx context.Context, refs []int, gone []bsonvalue.IDSet, each func(Occurrence)) error {
	return s.scan(ctx, s.library.References[refs[0]].From.Collection, refs, func(doc bson.Raw) {
		for _, i := range refs {
			for target := range targets(doc, s.library.References[i].From) {
				if gone[i].Has(target) {
					each(Occurrence{Reference: i, Document: bsonvalue.Reference(doc, "_id"), Target: target})
				}
			}
		}
	})
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
