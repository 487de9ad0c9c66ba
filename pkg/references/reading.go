package references

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// read is the one reading of a collection.
func (f *finder) read(ctx context.Context, collection string) error {
	from := indexes(f.library, func(ref library.Reference) bool { return ref.From.Collection == collection })
	into := indexes(f.library, func(ref library.Reference) bool { return slices.Contains(ref.To, collection) })
	f.Documents[collection] = 0
	return f.scan(ctx, collection, from, func(doc bson.Raw) {
		f.Documents[collection]++
		f.meet(collection, into, idOf(doc.Lookup("_id")))
		for _, i := range from {
			f.check(i, doc)
		}
	})
}

// meet notes that a document exists.
func (f *finder) meet(collection string, into []int, id bsonvalue.ID) {
	if present := f.present[collection]; present != nil {
		present.Add(id)
	}
	for _, i := range into {
		if f.late[i] {
			f.missing[i].Remove(id)
		}
	}
}

// check notes which ids of one reference in doc were not met.
func (f *finder) check(i int, doc bson.Raw) {
	holds := false
	for target := range targets(doc, f.library.References[i].From) {
		holds = true
		switch {
		case f.met(i, target):
		case f.late[i]:
			f.missing[i].Put(target, 0)
		default:
			f.count(Occurrence{Reference: i, Document: bsonvalue.Reference(doc, "_id"), Target: target})
		}
	}
	if holds {
		f.References[i].Holders++
	}
}

func (f *finder) met(i int, target bsonvalue.ID) bool {
	return slices.ContainsFunc(f.library.References[i].To, func(to string) bool {
		return f.present.has(to, target)
	})
}

func (f *finder) count(o Occurrence) {
	n, _ := f.missing[o.Reference].At(o.Target)
	f.missing[o.Reference].Put(o.Target, n+1)
	f.keep(o)
}

func (f *finder) keep(o Occurrence) {
	if finding := &f.References[o.Reference]; len(finding.Occurrences) < f.most {
		finding.Occurrences = append(finding.Occurrences, o)
	}
}
