package recount

import "ucorefs.io/maintenance/pkg/bsonvalue"

// Totals are the counts of one collection's documents, as they were when they were asked for.
type Totals struct {
	d      *documents
	folded [][]int64 // by counter: the sums of one that takes in what lies below; nil: the column has them
}

// Totals adds up what was counted for a collection.
func (t *Tally) Totals(collection int) Totals {
	d := &t.of[collection]
	s := Totals{d: d, folded: make([][]int64, len(d.columns))}
	for i := range d.columns {
		if c := &d.columns[i]; c.nest != None {
			s.folded[i] = d.nests[c.nest].fold(c.sums.list(d.index.Len()))
		}
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
	c := &s.d.columns[counter]
	if sums := s.folded[counter]; sums != nil {
		return plus(c.known.at(at), sums[at])
	}
	return plus(c.known.at(at), c.sums.at(at))
}

// Differing are the documents that the tally met and that store something else.
func (s Totals) Differing() (differing []Document) {
	for id, at := range s.d.index.All() {
		if s.differs(at) {
			differing = append(differing, Document{ID: id, Counters: s.counters(at)})
		}
	}
	return differing
}

func (s Totals) differs(at int32) bool {
	for i := range s.d.columns {
		if v, applies := s.d.columns[i].stored.at(at); applies && v != bsonvalue.Int(s.at(at, i)) {
			return true
		}
	}
	return false
}

// counters are those of one document.
func (s Totals) counters(at int32) (counters []Counter) {
	for i := range s.d.columns {
		if v, applies := s.d.columns[i].stored.at(at); applies {
			counters = append(counters, Counter{s.d.collection.Counters[i].Field.Name, v, s.at(at, i)})
		}
	}
	return counters
}
