package recount

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Tally counts for the documents that it was told of. Its memory grows with those, and not with what is counted.
type Tally struct {
	counters Counters
	of       []documents // by collection
	queries  []*Query
	byText   map[string]*Query
}

// documents are those of one collection.
type documents struct {
	collection Collection
	index      bsonvalue.IDMap[int32] // the place of each in the columns
	columns    []column               // one for each counter
	nests      []nest
	open       bool // ids that the tally was not told of count as well
}

// column is one counter of all documents.
type column struct {
	sums    []int64 // what was added: of a counter below, by what lies directly in each document
	known   []int64 // what was set, which comes on top
	stored  []bsonvalue.Value
	applies []bool
	nest    int // by which of the nests, or None
}

// NewTally is an empty tally.
func (c Counters) NewTally() *Tally {
	t := &Tally{counters: c, byText: map[string]*Query{}}
	for _, collection := range c.Collections {
		d := documents{collection: collection, columns: make([]column, len(collection.Counters))}
		for i, counter := range collection.Counters {
			d.columns[i].nest = d.nestBy(counter.Below.Name)
		}
		t.of = append(t.of, d)
	}
	return t
}

func (d *documents) nestBy(field string) int {
	if field == "" {
		return None
	}
	i := slices.IndexFunc(d.nests, func(n nest) bool { return n.field == field })
	if i < 0 {
		i = len(d.nests)
		d.nests = append(d.nests, nest{field: field})
	}
	return i
}

// place is where a document is in the columns. It is made where there is none.
func (d *documents) place(id bsonvalue.ID) int32 {
	if at, ok := d.index.At(id); ok {
		return at
	}
	at := int32(d.index.Len())
	d.index.Put(id, at)
	for i := range d.columns {
		c := &d.columns[i]
		c.sums, c.known = append(c.sums, 0), append(c.known, 0)
		c.stored, c.applies = append(c.stored, bsonvalue.Value{}), append(c.applies, false)
	}
	for i := range d.nests {
		d.nests[i].parents = append(d.nests[i].parents, none)
	}
	return at
}

// Open has ids of a collection counted that the tally was not told of, until Close: that collection is not read to its
// end yet.
func (t *Tally) Open(collection int) { t.of[collection].open = true }

// Close ends Open.
func (t *Tally) Close(collection int) { t.of[collection].open = false }

// Expect has a document counted for.
func (t *Tally) Expect(collection int, id bsonvalue.ID) { t.of[collection].place(id) }

// Nest tells what a document lies in. Where a collection Nests, that is needed of all its documents.
func (t *Tally) Nest(collection int, id bsonvalue.ID, doc bson.Raw) {
	d := &t.of[collection]
	at := d.place(id)
	for i := range d.nests {
		if parent := d.nests[i].parent(doc); parent.Refers() {
			above := d.place(parent)
			d.nests[i].parents[at] = above
		}
	}
}

// Meet has a document counted for, and compared with what it stores: it takes over its counters, the lengths of its
// lists and its queries.
func (t *Tally) Meet(collection int, id bsonvalue.ID, doc bson.Raw) {
	d := &t.of[collection]
	at := d.place(id)
	for i, look := range d.collection.Look(doc) {
		c := &d.columns[i]
		c.applies[at], c.stored[at] = look.Applies, look.Stored
		if d.collection.Counters[i].Length.Name != "" {
			c.known[at] = look.Length
		}
		if look.Applies && d.collection.Counters[i].Matching.Name != "" {
			t.addQuery(Place{collection, i, id}, doc)
		}
	}
}

// Set says what a counter of a document that is counted for has without what is added from now on.
func (t *Tally) Set(p Place, n int64) {
	d := &t.of[p.Collection]
	d.columns[p.Counter].known[d.place(p.ID)] = n
}

// Add counts one document of a source. Each may be added once.
func (t *Tally) Add(source int, doc bson.Raw) {
	for _, r := range t.counters.Sources[source].references {
		if !r.field.List {
			t.refer(r, bsonvalue.Reference(doc, r.field.Name), doc)
			continue
		}
		for id := range bsonvalue.References(doc, r.field.Name) {
			t.refer(r, id, doc)
		}
	}
}

// refer counts doc for the document that it refers to.
func (t *Tally) refer(r reference, id bsonvalue.ID, doc bson.Raw) {
	if !id.Refers() {
		return
	}
	d := &t.of[r.target]
	at, ok := d.index.At(id)
	if !ok && !d.open {
		return
	}
	if !ok {
		at = d.place(id)
	}
	for _, a := range r.adds {
		if n := a.worth(doc); n > 0 {
			d.columns[a.counter].sums[at] = plus(d.columns[a.counter].sums[at], n)
		}
	}
}

// worth is what a document adds.
func (a add) worth(doc bson.Raw) int64 {
	switch {
	case !a.of.Matches(doc):
		return 0
	case a.sum == "":
		return 1
	}
	return amount(doc.Lookup(a.sum))
}
