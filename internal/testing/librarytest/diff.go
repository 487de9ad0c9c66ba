package librarytest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Diff says how got differs from want, a line for each document that is missing or superfluous and each field that
// differs; it is empty if they agree. Numbers agree whatever their types, and the order of a document's fields does not
// matter. Arrays in the fields that sets names agree in any order.
func Diff(want, got Docs, sets ...string) string {
	d := differ{sets: sets}
	names := slices.AppendSeq(slices.Collect(maps.Keys(want)), maps.Keys(got))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		d.collection(name, byKey(want[name]), byKey(got[name]))
	}
	return strings.Join(d.lines, "\n")
}

type differ struct {
	sets  []string
	lines []string
}

func (d *differ) add(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func byKey(docs []bson.Raw) map[string]bson.Raw {
	documents := map[string]bson.Raw{}
	for _, doc := range docs {
		documents[idOf(doc)] = doc
	}
	return documents
}

func (d *differ) collection(name string, want, got map[string]bson.Raw) {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] == nil {
			d.add("%s %v is missing", name, want[id].Lookup("_id"))
			continue
		}
		d.document(name, want[id], got[id])
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if want[id] == nil {
			d.add("%s %v should not exist", name, got[id].Lookup("_id"))
		}
	}
}

func (d *differ) document(name string, want, got bson.Raw) {
	for _, field := range fieldNames(want, got) {
		w, g := want.Lookup(field), got.Lookup(field)
		if d.key(field, w) != d.key(field, g) {
			d.add("%s %v: %s is %s, should be %s", name, want.Lookup("_id"), field, shown(g), shown(w))
		}
	}
}

// key is a value's Key, which for a set does not depend on the order.
func (d *differ) key(field string, v bson.RawValue) string {
	if v.Type != bson.TypeArray || !slices.Contains(d.sets, field) {
		return Key(v)
	}
	var keys []string
	for _, e := range elements(v) {
		keys = append(keys, Key(e))
	}
	slices.Sort(keys)
	return "set " + strings.Join(keys, " ")
}

// fieldNames are the names of all fields of the documents, sorted.
func fieldNames(docs ...bson.Raw) (names []string) {
	for _, doc := range docs {
		list, _ := doc.Elements()
		for _, e := range list {
			names = append(names, e.Key())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
