// Package recount says what the counters of a declared library should be. It is given documents one after the other
// and counts. It is pure: it reads no database, sends no query and writes nothing.
//
// A count is the documents in which a reference field holds the counter's document: once for each document and field,
// however often a list holds the id. A sum adds up numbers above zero, with their fractions cut off; anything else
// adds nothing, and a sum that int64 cannot hold stays at its greatest value. The length of a list counts every
// element, and what is no list has none. What refers to itself counts itself. Ids are compared exactly: an ObjectID
// and its hex text are two.
//
// A counter that is declared `below` takes in what its document and all documents below it count; the members of a
// cycle all count the whole cycle.
//
// What a stored query matches only a server can say. Queries lists those that somebody must have counted.
//
// Documents come as rows, in which the fields that matter were found by one walk (package scan).
package recount

import (
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/scan"
)

// Counters are the counters of a library: by the collections that have them, and by those whose documents are
// counted. Both are addressed by their index.
type Counters struct {
	Collections []Collection
	Sources     []Source
	fields      map[string]*scan.Fields // by collection
}

// Collection is one whose documents have counters.
type Collection struct {
	library.Collection
	Counters []library.Counter
	*scan.Fields
	places []places
}

// places are where the fields of one counter are in a row; those that the counter does not have are None.
type places struct {
	stored, length, matching, below int
	where                           scan.Where
}

// Source is one whose documents are counted.
type Source struct {
	Collection string
	*scan.Fields
	references []reference
}

// reference is a field of a source, and the counters of the collection that it refers to.
type reference struct {
	field  library.Field
	place  int
	target int
	adds   []add
}

// add is what one document of a source adds to one counter.
type add struct {
	counter int
	of      scan.Where
	sum     int // the field to add up; None: the documents are counted
}

// Of are the counters of l, in the order of the declaration.
func Of(l library.Library) Counters {
	c := Counters{fields: map[string]*scan.Fields{}}
	for _, counter := range l.Counters {
		target := c.collection(l, counter.Field.Collection)
		c.Collections[target].add(counter)
		n := len(c.Collections[target].Counters) - 1
		for _, field := range counter.Count {
			c.add(target, field, n, counter)
		}
		if counter.Sum != (library.Field{}) {
			c.add(target, counter.By, n, counter)
		}
	}
	return c
}

// Names are the collections whose documents have counters.
func (c Counters) Names() (names []string) {
	for _, of := range c.Collections {
		names = append(names, of.Name)
	}
	return names
}

// Nesting are those of them of which all documents must be known to count for one.
func (c Counters) Nesting() (names []string) {
	for _, of := range c.Collections {
		if of.Nests() {
			names = append(names, of.Name)
		}
	}
	return names
}

// collection is the index of a collection with counters, which is added where it is new.
func (c *Counters) collection(l library.Library, name string) int {
	if i := slices.IndexFunc(c.Collections, func(of Collection) bool { return of.Name == name }); i >= 0 {
		return i
	}
	declared := library.Collection{Name: name, Noun: l.Noun(name)}
	c.Collections = append(c.Collections, Collection{Collection: declared, Fields: c.fieldsOf(name)})
	return len(c.Collections) - 1
}

func (c *Counters) fieldsOf(collection string) *scan.Fields {
	if c.fields[collection] == nil {
		c.fields[collection] = scan.NewFields()
	}
	return c.fields[collection]
}

func (c *Collection) add(counter library.Counter) {
	c.Counters = append(c.Counters, counter)
	c.places = append(c.places, places{
		stored: place(c.Fields, counter.Field), length: place(c.Fields, counter.Length),
		matching: place(c.Fields, counter.Matching), below: place(c.Fields, counter.Below), where: c.Where(counter.Where),
	})
}

// place is where a field is in a row, or None where there is no field.
func place(f *scan.Fields, field library.Field) int {
	if field.Name == "" {
		return None
	}
	return f.Position(field.Name)
}

// add has the documents that refer by a field add to a counter.
func (c *Counters) add(target int, field library.Field, n int, counter library.Counter) {
	s := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Collection == field.Collection })
	if s < 0 {
		s = len(c.Sources)
		c.Sources = append(c.Sources, Source{Collection: field.Collection, Fields: c.fieldsOf(field.Collection)})
	}
	source := &c.Sources[s]
	r := slices.IndexFunc(source.references, func(r reference) bool { return r.field == field && r.target == target })
	if r < 0 {
		r = len(source.references)
		at := place(source.Fields, field)
		source.references = append(source.references, reference{field: field, place: at, target: target})
	}
	a := add{counter: n, of: source.Where(counter.Of), sum: place(source.Fields, counter.Sum)}
	source.references[r].adds = append(source.references[r].adds, a)
}

// References gives each field of the source with the collection that it refers to.
func (s Source) References(each func(field string, target int)) {
	for _, r := range s.references {
		each(r.field.Name, r.target)
	}
}

// BytesOfDocument is what a Tally takes for a document with three counters, at most.
const BytesOfDocument = 48

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
func (c Collection) Look(row scan.Row) []Look {
	looks := make([]Look, len(c.Counters))
	for i := range looks {
		looks[i] = c.look(row, i)
	}
	return looks
}

func (c *Collection) look(row scan.Row, counter int) Look {
	p := &c.places[counter]
	look := Look{Applies: p.where.Matches(row), Stored: bsonvalue.Of(row[p.stored])}
	if p.length != None {
		look.Length = length(row[p.length])
	}
	return look
}
