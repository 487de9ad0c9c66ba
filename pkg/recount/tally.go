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
	seen     bsonvalue.Distinct // the ids of one list
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
func (t *Tally) Add(source int, row scan.Row) {
	references := t.counters.Sources[source].references
	for i := range references {
		r := &references[i]
		if !r.field.List {
			t.refer(r, bsonvalue.Of(row[r.place]), row)
			continue
		}
		t.seen.Reset()
		for list := scan.List(row[r.place]); list.Next(); {
			if id := bsonvalue.Of(list.Value); t.seen.Add(id) {
				t.refer(r, id, row)
			}
		}
	}
}

// refer counts a document for the one that it refers to.
func (t *Tally) refer(r *reference, id bsonvalue.ID, row scan.Row) {
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
	for i := range r.adds {
		if n := r.adds[i].worth(row); n > 0 {
			sums := &d.columns[r.adds[i].counter].sums
			sums.set(at, plus(sums.at(at), n))
		}
	}
}

// worth is what a document adds.
func (a *add) worth(row scan.Row) int64 {
	switch {
	case !a.of.Matches(row):
		return 0
	case a.sum == None:
		return 1
	}
	return amount(row[a.sum])
}
