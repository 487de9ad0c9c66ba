package declare

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// Tally counts what refers to the sampled documents of one collection, through one field of another.
type Tally struct {
	From library.Field
	To   string

	numbers, flags []string // fields of the documents that refer
	counts         map[bsonvalue.ID]int64
	flagged, sums  map[string]map[bsonvalue.ID]int64
}

// Tallies are what to count for the guessed references: each has to be given every document of its collection.
func Tallies(f Facts) (tallies []*Tally) {
	for _, r := range References(f) {
		if !r.Sure || r.Nested() {
			continue
		}
		for _, to := range r.To {
			tallies = append(tallies, newTally(r.Field(), f.sample(r.Collection), f.sample(to)))
		}
	}
	return tallies
}

func newTally(from library.Field, referring, target Sample) *Tally {
	t := &Tally{
		From: from, To: target.Collection, numbers: fieldsOf(referring, isNumber), flags: fieldsOf(referring, isFlag),
		counts: map[bsonvalue.ID]int64{}, flagged: map[string]map[bsonvalue.ID]int64{},
		sums: map[string]map[bsonvalue.ID]int64{},
	}
	for _, doc := range target.Docs {
		t.counts[bsonvalue.Of(doc.Lookup("_id"))] = 0
	}
	for _, name := range t.flags {
		t.flagged[name] = map[bsonvalue.ID]int64{}
	}
	for _, name := range t.numbers {
		t.sums[name] = map[bsonvalue.ID]int64{}
	}
	return t
}

// Fields are those that Add looks at.
func (t *Tally) Fields() []string { return slices.Concat([]string{t.From.Name}, t.numbers, t.flags) }

// Add counts a document of the collection that refers.
func (t *Tally) Add(doc bson.Raw) {
	if !t.From.List {
		t.add(doc, bsonvalue.Reference(doc, t.From.Name))
		return
	}
	for id := range bsonvalue.References(doc, t.From.Name) {
		t.add(doc, id)
	}
}

func (t *Tally) add(doc bson.Raw, id bsonvalue.ID) {
	if _, sampled := t.counts[id]; !sampled {
		return
	}
	t.counts[id]++
	for _, name := range t.flags {
		if set, ok := doc.Lookup(name).BooleanOK(); ok && set {
			t.flagged[name][id]++
		}
	}
	for _, name := range t.numbers {
		if n, ok := whole(doc.Lookup(name)); ok && n > 0 {
			t.sums[name][id] += n
		}
	}
}

func (f Facts) sample(collection string) Sample {
	i := slices.IndexFunc(f.Samples, func(s Sample) bool { return s.Collection == collection })
	if i < 0 {
		return Sample{Collection: collection}
	}
	return f.Samples[i]
}

// fieldsOf are the top-level fields, in the order in which they are met, that hold what is wanted in some sampled
// document.
func fieldsOf(s Sample, wanted func(bson.RawValue) bool) (names []string) {
	for _, doc := range s.Docs {
		elements, err := doc.Elements()
		if err != nil {
			continue
		}
		for _, e := range elements {
			if name := e.Key(); name != "_id" && declarable(name) && wanted(e.Value()) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func isFlag(v bson.RawValue) bool { return v.Type == bson.TypeBoolean }

func isNumber(v bson.RawValue) bool { _, ok := whole(v); return ok }

// whole is a whole number of any type.
func whole(v bson.RawValue) (int64, bool) {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble:
		return bsonvalue.Of(v).Int64()
	}
	return 0, false
}
