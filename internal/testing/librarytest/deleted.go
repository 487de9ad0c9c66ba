package librarytest

import (
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Deleted is docs after the documents of one collection whose _id has one of these Keys were deleted, with what depends
// on them by declaration, and so on, and with all other references to what went removed as Cleaned does it. What led
// nowhere before still does.
func (l Layout) Deleted(docs Docs, collection string, keys ...string) Docs {
	left, before := maps.Clone(docs), idsOf(docs)
	left[collection] = slices.DeleteFunc(slices.Clone(left[collection]), func(doc bson.Raw) bool {
		return slices.Contains(keys, idOf(doc))
	})
	for l.deleteBereft(left, before) {
		continue
	}
	for _, r := range l.References() {
		list, lost := slices.Clone(left[r.From]), r.lost(before, idsOf(left))
		for i, doc := range list {
			list[i] = l.mended(r, doc, lost)
		}
		left[r.From] = list
	}
	maps.DeleteFunc(left, func(_ string, list []bson.Raw) bool { return len(list) == 0 })
	return left
}

// lost reports whether a reference led somewhere before, and leads nowhere now.
func (r Reference) lost(before, now map[string]ids) func(bson.RawValue) bool {
	return func(v bson.RawValue) bool { return refers(v) && r.resolves(v, before) && !r.resolves(v, now) }
}

// deleteBereft deletes each document that cannot be without a reference which is lost, and reports whether there
// was one.
func (l Layout) deleteBereft(left Docs, before map[string]ids) (any bool) {
	for _, r := range l.References() {
		if r.Dangling != Delete {
			continue
		}
		lost, n := r.lost(before, idsOf(left)), len(left[r.From])
		left[r.From] = slices.DeleteFunc(slices.Clone(left[r.From]), func(doc bson.Raw) bool {
			return slices.ContainsFunc(r.occurrences(doc), lost)
		})
		any = any || len(left[r.From]) < n
	}
	return any
}
