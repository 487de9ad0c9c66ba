package declare

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// derivation is a way in which a number of a document may follow from other fields.
type derivation struct {
	rule library.Counter // without its field and its condition
	// value is what the number of a sampled document should be; false: the document has nothing that the rule is about.
	value func(doc bson.Raw) (int64, bool)
	// unknown tells of documents of which it was not found out; nil: none.
	unknown func(doc bson.Raw) bool
}

// derivations are those that may apply to the documents of a collection, the likeliest of two that give the same first.
func (f Facts) derivations(collection string, refs []Reference) (all []derivation) {
	all = append(all, lengths(f.sample(collection), refs)...)
	all = append(all, f.matches(collection)...)
	tallies := slices.DeleteFunc(slices.Clone(f.Tallies), func(t *Tally) bool { return t.To != collection })
	for _, t := range tallies {
		all = append(all, counted(t))
	}
	for i, t := range tallies {
		for _, other := range tallies[:i] {
			all = append(all, counted(other, t))
		}
	}
	for _, t := range tallies {
		all = append(all, conditional(t)...)
	}
	return all
}

// lengths are those of lists that hold ids or documents. What else a list holds, such as a vector's numbers, nobody
// counts.
func lengths(s Sample, refs []Reference) (all []derivation) {
	for _, name := range fieldsOf(s, func(v bson.RawValue) bool { return v.Type == bson.TypeArray }) {
		field := library.Field{Collection: s.Collection, Name: name, List: true}
		holdsIDs := slices.ContainsFunc(refs, func(r Reference) bool { return r.Field() == field })
		if !holdsIDs && !holdsDocuments(s, name) {
			continue
		}
		all = append(all, derivation{rule: library.Counter{Length: field}, value: func(doc bson.Raw) (int64, bool) {
			array, _ := doc.Lookup(name).ArrayOK()
			values, _ := array.Values()
			return int64(len(values)), true
		}})
	}
	return all
}

func holdsDocuments(s Sample, list string) bool {
	return slices.ContainsFunc(s.Docs, func(doc bson.Raw) bool { return len(documentsIn(doc.Lookup(list))) > 0 })
}

func (f Facts) matches(collection string) (all []derivation) {
	byField, found := []Query{}, map[library.Field]map[bsonvalue.ID]int64{}
	for _, m := range f.Matches {
		if m.Field.Collection != collection {
			continue
		}
		if found[m.Field] == nil {
			byField, found[m.Field] = append(byField, m.Query), map[bsonvalue.ID]int64{}
		}
		found[m.Field][m.ID] = m.N
	}
	for _, q := range byField {
		counted := func(doc bson.Raw) (int64, bool) {
			n, ok := found[q.Field][bsonvalue.Of(doc.Lookup("_id"))]
			return n, ok
		}
		all = append(all, derivation{rule: library.Counter{Matching: q.Field, In: q.In}, value: counted,
			unknown: func(doc bson.Raw) bool {
				filter, _ := doc.Lookup(q.Field.Name).DocumentOK()
				_, ok := counted(doc)
				return !ok && len(keysOf(filter)) > 0
			}})
	}
	return all
}

// counted is the number of documents that refer through one of several fields.
func counted(tallies ...*Tally) derivation {
	var rule library.Counter
	for _, t := range tallies {
		rule.Count = append(rule.Count, t.From)
	}
	return derivation{rule: rule, value: func(doc bson.Raw) (n int64, _ bool) {
		for _, t := range tallies {
			n += t.counts[bsonvalue.Of(doc.Lookup("_id"))]
		}
		return n, true
	}}
}

// conditional are the counts of what has a flag, and the sums of numbers.
func conditional(t *Tally) (all []derivation) {
	of := func(numbers map[bsonvalue.ID]int64) func(bson.Raw) (int64, bool) {
		return func(doc bson.Raw) (int64, bool) { return numbers[bsonvalue.Of(doc.Lookup("_id"))], true }
	}
	for _, name := range t.flags {
		rule := library.Counter{Count: []library.Field{t.From}, Of: library.Where{{Field: name, Values: []any{true}}}}
		all = append(all, derivation{rule: rule, value: of(t.flagged[name])})
	}
	for _, name := range t.numbers {
		if name == t.From.Name {
			continue
		}
		rule := library.Counter{Sum: library.Field{Collection: t.From.Collection, Name: name}, By: t.From}
		all = append(all, derivation{rule: rule, value: of(t.sums[name])})
	}
	return all
}

// String is the rule as a declaration has it, without braces.
func (d derivation) String() string {
	r := d.rule
	switch {
	case r.Length.Name != "":
		return fmt.Sprintf("length: %s", quoted(r.Length.String()))
	case r.Matching.Name != "":
		return fmt.Sprintf("matching: %s, in: %s", quoted(r.Matching.String()), quoted(r.In))
	case r.Sum.Name != "":
		return fmt.Sprintf("sum: %s, by: %s", quoted(r.Sum.String()), quoted(r.By.String()))
	case len(r.Of) > 0:
		return fmt.Sprintf("count: %s, of: {%s: true}", quoted(r.Count[0].String()), quoted(r.Of[0].Field))
	case len(r.Count) == 1:
		return "count: " + quoted(r.Count[0].String())
	}
	return fmt.Sprintf("count: [%s, %s]", quoted(r.Count[0].String()), quoted(r.Count[1].String()))
}
