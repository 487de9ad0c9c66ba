package recount

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
)

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

// Sums are what the counters of a document should be, in the order of the collection's.
func (s Totals) Sums(id bsonvalue.ID) []int64 {
	sums := make([]int64, len(s.d.columns))
	if at, ok := s.d.index.At(id); ok {
		for i := range sums {
			sums[i] = s.at(at, i)
		}
	}
	return sums
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

// Counter is one counter of one document: as it is stored, and as it should be. Numbers that are equal in another type
// (3, 3.0) are no difference.
type Counter struct {
	Field  string
	Stored bsonvalue.Value
	Want   int64
}

func (c Counter) differs() bool { return c.Stored != bsonvalue.Int(c.Want) }

// Document is the counters of one document.
type Document struct {
	ID       bsonvalue.ID
	Counters []Counter
}

// Differs tells whether any counter is wrong.
func (d Document) Differs() bool { return slices.ContainsFunc(d.Counters, Counter.differs) }

// Agrees tells whether another look at the document found the same.
func (d Document) Agrees(again Document) bool { return slices.Equal(d.Counters, again.Counters) }

// Describe says what is wrong in a document, for a person.
func (d Document) Describe() string {
	var parts []string
	for _, c := range d.Counters {
		if c.differs() {
			parts = append(parts, fmt.Sprintf("%s %s → %d", c.Field, c.Stored, c.Want))
		}
	}
	return strings.Join(parts, " ")
}

// Update writes the counters that differ, while they are as they were read.
func (d Document) Update() mongodb.Update {
	u := mongodb.Update{ID: d.ID}
	for _, c := range d.Counters {
		if c.differs() {
			u.Fields = append(u.Fields, mongodb.Field{Name: c.Field, Old: c.Stored, New: c.Want})
		}
	}
	return u
}
