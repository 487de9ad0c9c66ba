package librarytest

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Action is what the cleanup does to a reference that leads nowhere.
type Action string

const (
	// Report leaves the reference as it is.
	Report Action = "report"
	// Pull takes the element out of the array.
	Pull Action = "pull"
	// Clear sets the field to null.
	Clear Action = "clear"
	// Delete deletes the document that refers.
	Delete Action = "delete"
)

// Reference is one field that refers.
type Reference struct {
	// From and Field say where it is: a collection and its field, which holds an array of ids if List is true.
	From, Field string
	List        bool
	// To are the collections of which one must hold the target.
	To []string
	// Kind is the count that verify-references reports it under. Kinds that no document fixes are this package's
	// choice.
	Kind     string
	Dangling Action
}

// References are all references of the layout.
func (l Layout) References() []Reference { return l.spec().references }

// one is a reference that a field holds.
func one(from, field, to, kind string, dangling Action) Reference {
	return Reference{From: from, Field: field, To: []string{to}, Kind: kind, Dangling: dangling}
}

// many is the references that an array holds.
func many(from, field, to, kind string) Reference {
	return Reference{From: from, Field: field, List: true, To: []string{to}, Kind: kind, Dangling: Pull}
}

// relationEnd is a reference to a file or a detection.
func relationEnd(field string) Reference {
	return Reference{
		From: relations, Field: field, To: []string{fileRecords, detectionInstances},
		Kind: "brokenRelationRefs", Dangling: Delete,
	}
}

// Dangling is one occurrence of a reference that leads nowhere.
type Dangling struct {
	// Kind is the count that verify-references reports it under.
	Kind string
	// Collection, Field and ID, a Key, say where it is; Target, a Key, what does not exist.
	Collection, ID, Field, Target string
}

// Broken is every reference of docs that leads nowhere: each occurrence, so that an id twice in an array is two. A
// reference resolves if its target exists as given, as the ObjectID whose hex text it is, or as the hex text of the
// ObjectID. Null, a missing field, and an array's field that holds no array refer to nothing.
func (l Layout) Broken(docs Docs) (broken []Dangling) {
	exist := idsOf(docs)
	for _, r := range l.References() {
		for _, doc := range docs[r.From] {
			for _, v := range r.occurrences(doc) {
				if !r.resolves(v, exist) {
					broken = append(broken, Dangling{r.Kind, r.From, idOf(doc), r.Field, Key(v)})
				}
			}
		}
	}
	return broken
}

// occurrences are the ids that a document holds in the field.
func (r Reference) occurrences(doc bson.Raw) []bson.RawValue {
	held := []bson.RawValue{doc.Lookup(r.Field)}
	if r.List {
		held = elements(held[0])
	}
	return slices.DeleteFunc(held, func(v bson.RawValue) bool { return !refers(v) })
}

func (r Reference) resolves(v bson.RawValue, exist map[string]ids) bool {
	return slices.ContainsFunc(r.To, func(to string) bool {
		_, found := exist[to].find(v)
		return found
	})
}

// ids are the Keys of the documents that exist in a collection.
type ids map[string]bool

func idsOf(docs Docs) map[string]ids {
	exist := map[string]ids{}
	for name, list := range docs {
		exist[name] = ids{}
		for _, doc := range list {
			exist[name][idOf(doc)] = true
		}
	}
	return exist
}

// find is the _id that a reference leads to, in its own form.
func (exist ids) find(reference bson.RawValue) (id bson.RawValue, found bool) {
	for _, form := range forms(reference) {
		if exist[Key(form)] {
			return form, true
		}
	}
	return bson.RawValue{}, false
}

// forms are the ids that a reference may mean: what it holds, and then its other form, if it is an ObjectID or the hex
// text of one.
func forms(v bson.RawValue) []bson.RawValue {
	switch v.Type {
	case bson.TypeString:
		if id, err := bson.ObjectIDFromHex(v.StringValue()); err == nil {
			return []bson.RawValue{v, rawValue(id)}
		}
	case bson.TypeObjectID:
		return []bson.RawValue{v, rawValue(v.ObjectID().Hex())}
	}
	return []bson.RawValue{v}
}
