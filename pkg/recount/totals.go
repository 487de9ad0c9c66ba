package recount

import "ucorefs.io/maintenance/pkg/bsonvalue"

// Totals are the counts of one collection's documents, as they were when they were asked for.
type Totals struct {
	d    *documents
	sums [][]int64 // by counter
}

// Totals adds up what was counted for a collection.
func (t *Tally) Totals(collection int) Totals {
	d := &t.of[collection]
	s := Totals{d: d}
	for _, c := range d.columns {
		sums := c.sums
		if c.nest != None {
			sums = d.nests[c.nest].fold(sums)
		}
		s.sums = append(s.sums, sums)
	}
	return s
}

// Of is what a counter of a document should be.
func (s Totals) Of(id bsonvalue.ID, counter int) int64 {
	at, ok := s.d.index.At(id)
	if !ok {
		return 0
	}
	return s.at(at, counter)
}

func (s Totals) at(at int32, counter int) int64 {
	return plus(s.d.columns[counter].known[at], s.sums[counter][at])
}

// Differing are the documents that the tally met and that store something else.
func (s Totals) Differing() (differing []Document) {
	for id, at := range s.d.index.All() {
		if !s.differs(at) {
			continue
		}
		d := Document{ID: id}
		for i, c := range s.d.columns {
			if c.applies[at] {
				d.Counters = append(d.Counters, Counter{s.d.collection.Counters[i].Field.Name, c.stored[at], s.at(at, i)})
			}
		}
		differing = append(differing, d)
	}
	return differing
}

func (s Totals) differs(at int32) bool {
	for i, c := range s.d.columns {
		if c.applies[at] && c.stored[at] != bsonvalue.Int(s.at(at, i)) {
			return true
		}
	}
	return false
}
