// Package recount says what the counters of a declared library should be. It is given documents one after the other and
// counts. It is pure: it reads no database, sends no query and writes nothing.
//
// A count is the documents in which a reference field holds the counter's document: once for each document and field,
// however often a list holds the id. A sum adds up numbers above zero, with their fractions cut off; anything else adds
// nothing, and a sum that int64 cannot hold stays at its greatest value. The length of a list counts every element, and
// what is no list has none. What refers to itself counts itself. Ids are compared exactly: an ObjectID and its hex text
// are two.
//
// A counter that is declared `below` takes in what its document and all documents below it count; the members of a
// cycle all count the whole cycle.
//
// What a stored query matches only a server can say. Queries lists those that somebody must have counted.
package recount

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// Counters are the counters of a library: by the collections that have them, and by those whose documents are counted.
// Both are addressed by their index.
type Counters struct {
	Collections []Collection
	Sources     []Source
}

// Collection is one whose documents have counters.
type Collection struct {
	library.Collection
	Counters []library.Counter
}

// Source is one whose documents are counted.
type Source struct {
	Collection string
	references []reference
}

// reference is a field of a source, and the counters of the collection that it refers to.
type reference struct {
	field  library.Field
	target int
	adds   []add
}

// add is what one document of a source adds to one counter.
type add struct {
	counter int
	of      library.Where
	sum     string // the field to add up; empty: the documents are counted
}

// Of are the counters of l, in the order of the declaration.
func Of(l library.Library) Counters {
	var c Counters
	for _, counter := range l.Counters {
		target := c.collection(l, counter.Field.Collection)
		of := &c.Collections[target]
		of.Counters = append(of.Counters, counter)
		a := add{counter: len(of.Counters) - 1, of: counter.Of, sum: counter.Sum.Name}
		for _, field := range counter.Count {
			c.add(target, field, a)
		}
		if counter.Sum != (library.Field{}) {
			c.add(target, counter.By, a)
		}
	}
	return c
}

// collection is the index of a collection with counters, which is added where it is new.
func (c *Counters) collection(l library.Library, name string) int {
	if i := slices.IndexFunc(c.Collections, func(of Collection) bool { return of.Name == name }); i >= 0 {
		return i
	}
	c.Collections = append(c.Collections, Collection{Collection: library.Collection{Name: name, Noun: l.Noun(name)}})
	return len(c.Collections) - 1
}

func (c *Counters) add(target int, field library.Field, a add) {
	s := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Collection == field.Collection })
	if s < 0 {
		s = len(c.Sources)
		c.Sources = append(c.Sources, Source{Collection: field.Collection})
	}
	refs := &c.Sources[s].references
	r := slices.IndexFunc(*refs, func(r reference) bool { return r.field == field && r.target == target })
	if r < 0 {
		r = len(*refs)
		*refs = append(*refs, reference{field: field, target: target})
	}
	(*refs)[r].adds = append((*refs)[r].adds, a)
}

// Fields are what a reader must ask for of a document that is counted.
func (s Source) Fields() []string {
	var names fields
	for _, r := range s.references {
		names.add(r.field.Name)
		for _, a := range r.adds {
			names.add(a.sum)
			names.add(a.of.Fields()...)
		}
	}
	return names
}

// References gives each field of the source with the collection that it refers to.
func (s Source) References(each func(field string, target int)) {
	for _, r := range s.references {
		each(r.field.Name, r.target)
	}
}

// Fields are what a reader must ask for of a document that has counters.
func (c Collection) Fields() []string {
	var names fields
	for _, counter := range c.Counters {
		names.add(counter.Field.Name, counter.Length.Name, counter.Matching.Name, counter.Below.Name)
		names.add(counter.Where.Fields()...)
	}
	return names
}

// Nests tells whether a counter takes in what lies below, so that all documents must be known to count for one.
func (c Collection) Nests() bool {
	return slices.ContainsFunc(c.Counters, func(counter library.Counter) bool { return counter.Below.Name != "" })
}

// Look is what a document itself says of one of its counters.
type Look struct {
	Applies bool // the counter is one of this document
	Stored  bsonvalue.Value
	Length  int64 // of the list, where that is what the counter counts
}

// Look looks at each counter of a document.
func (c Collection) Look(doc bson.Raw) []Look {
	looks := make([]Look, len(c.Counters))
	for i, counter := range c.Counters {
		looks[i] = Look{Applies: counter.Where.Matches(doc), Stored: bsonvalue.Reference(doc, counter.Field.Name)}
		if counter.Length.Name != "" {
			looks[i].Length = length(doc.Lookup(counter.Length.Name))
		}
	}
	return looks
}

// fields are names, each once.
type fields []string

func (f *fields) add(names ...string) {
	for _, name := range names {
		if name != "" && !slices.Contains(*f, name) {
			*f = append(*f, name)
		}
	}
}
