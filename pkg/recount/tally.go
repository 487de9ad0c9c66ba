package recount

import (
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
)

// Tally counts for the documents that it was told of. Its memory grows with those, and not with what is counted.
type Tally struct {
	counters Counters
	of       []documents // by collection
	queries  []*Query
	byKey    map[string]*Query
	own      *Share // counts into the columns themselves
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
	sums   numbers // what was added: of a counter below, by what lies directly in each document
	known  numbers // what was set, which comes on top
	stored stored
	nest   int // by which of the nests, or None
}

// NewTally is an empty tally.
func (c Counters) NewTally() *Tally {
	t := &Tally{counters: c, byKey: map[string]*Query{}}
	for _, collection := range c.Collections {
		d := documents{collection: collection, columns: make([]column, len(collection.Counters))}
		for i := range collection.Counters {
			d.columns[i].nest = d.nestBy(collection.places[i].below)
		}
		t.of = append(t.of, d)
	}
	t.own = t.shareIn(t.sums())
	return t
}

func (d *documents) nestBy(place int) int {
	if place == None {
		return None
	}
	i := slices.IndexFunc(d.nests, func(n nest) bool { return n.place == place })
	if i < 0 {
		i = len(d.nests)
		d.nests = append(d.nests, nest{place: place})
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
func (t *Tally) Nest(collection int, id bsonvalue.ID, row scan.Row) {
	d := &t.of[collection]
	at := d.place(id)
	for i := range d.nests {
		if parent := bsonvalue.Of(row[d.nests[i].place]); parent.Refers() {
			above := d.place(parent)
			d.nests[i].parents[at] = above
		}
	}
}

// Meet has a document counted for, and compared with what it stores: it takes over its counters, the lengths of its
// lists and its queries.
func (t *Tally) Meet(collection int, id bsonvalue.ID, row scan.Row) {
	d := &t.of[collection]
	at := d.place(id)
	for i := range d.columns {
		look, c, places := d.collection.look(row, i), &d.columns[i], d.collection.places[i]
		if places.length != None {
			c.known.set(at, look.Length)
		}
		if !look.Applies {
			c.stored.leave(at)
			continue
		}
		c.stored.set(at, look.Stored)
		if places.matching != None {
			t.addQuery(Place{collection, i, id}, row[places.matching])
		}
	}
}

// Continue has the counters of a document go on from earlier Sums of it; from none they begin anew. The lengths of its
// lists stay those that were met.
func (t *Tally) Continue(collection int, id bsonvalue.ID, sums []int64) {
	d := &t.of[collection]
	at := d.place(id)
	for i, n := range sums {
		if d.collection.places[i].length == None {
			d.columns[i].known.set(at, max(0, n))
		}
	}
}

// Add counts one document of a source. Each may be added once.
func (t *Tally) Add(source int, row scan.Row) { t.own.Add(source, row) }
