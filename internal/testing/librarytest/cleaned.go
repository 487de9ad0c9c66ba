package librarytest

import (
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Cleaned is docs as cleanup-orphaned-records should leave them. First the documents go that depend on what does not
// exist, and then what depends on these; then arrays lose their dangling elements, with the field that holds an array's
// length set to the new one, and single references become null. All else is untouched, counters too.
func (l Layout) Cleaned(docs Docs) Docs {
	cleaned := maps.Clone(docs)
	for l.deleteDependents(cleaned) {
		continue
	}
	exist := idsOf(cleaned)
	for _, r := range l.References() {
		list := slices.Clone(cleaned[r.From])
		for i, doc := range list {
			list[i] = l.mended(r, doc, func(v bson.RawValue) bool { return refers(v) && !r.resolves(v, exist) })
		}
		cleaned[r.From] = list
	}
	maps.DeleteFunc(cleaned, func(_ string, list []bson.Raw) bool { return len(list) == 0 })
	return cleaned
}

// deleteDependents deletes each document with a dangling reference that it cannot be without, and reports whether there
// was one.
func (l Layout) deleteDependents(docs Docs) bool {
	deletes, gone := l.actions(), map[string]bool{}
	for _, d := range l.Broken(docs) {
		if deletes[d.Collection+" "+d.Field] == Delete {
			gone[d.Collection+" "+d.ID] = true
		}
	}
	for name, list := range docs {
		docs[name] = slices.DeleteFunc(slices.Clone(list), func(doc bson.Raw) bool { return gone[name+" "+idOf(doc)] })
	}
	return len(gone) > 0
}

// actions are what is done to each reference, by collection and field.
func (l Layout) actions() map[string]Action {
	actions := map[string]Action{}
	for _, r := range l.References() {
		actions[r.From+" "+r.Field] = r.Dangling
	}
	return actions
}

// mended is a document without what dangles in one field.
func (l Layout) mended(r Reference, doc bson.Raw, dangles func(bson.RawValue) bool) bson.Raw {
	held := doc.Lookup(r.Field)
	switch {
	case r.Dangling == Clear && dangles(held):
		return With(doc, r.Field, nil)
	case r.Dangling == Pull && slices.ContainsFunc(elements(held), dangles):
		rest := slices.DeleteFunc(elements(held), dangles)
		return l.withLength(r, With(doc, r.Field, arrayOf(rest)), len(rest))
	}
	return doc
}

// withLength is a document with the field set that holds the length of the list r, where there is one.
func (l Layout) withLength(r Reference, doc bson.Raw, n int) bson.Raw {
	for _, of := range l.spec().lengths {
		differs := Key(doc.Lookup(of.field)) != KeyOf(int64(n))
		if of.collection == r.From && of.list == r.Field && !isTrue(doc, of.unless) && differs {
			return With(doc, of.field, pyInt(int64(n)))
		}
	}
	return doc
}

// isTrue reports whether a field holds a flag that is set: true, or a number other than zero, which an application that
// loads the document takes for true. A word for it is none.
func isTrue(doc bson.Raw, field string) bool {
	switch v := doc.Lookup(field); v.Type {
	case bson.TypeBoolean:
		return v.Boolean()
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64() != 0
	case bson.TypeDouble:
		return v.Double() != 0
	}
	return false
}
