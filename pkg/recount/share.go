package recount

import (
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
)

// Share counts documents for a Tally beside other Shares, each on a goroutine of its own. As long as there are Shares,
// the Tally must not be told of documents, and ids that it was not told of do not count.
type Share struct {
	tally *Tally
	sums  [][]*numbers       // by collection and counter
	seen  bsonvalue.Distinct // the ids of one list
}

// Share is an empty share of the counting.
func (t *Tally) Share() *Share {
	s := &Share{tally: t, sums: make([][]*numbers, len(t.of))}
	for i := range t.of {
		s.sums[i] = make([]*numbers, len(t.of[i].columns))
		for n := range s.sums[i] {
			s.sums[i][n] = &numbers{}
		}
	}
	return s
}

// sums are those of the tally itself.
func (t *Tally) sums() [][]*numbers {
	sums := make([][]*numbers, len(t.of))
	for i := range t.of {
		for n := range t.of[i].columns {
			sums[i] = append(sums[i], &t.of[i].columns[n].sums)
		}
	}
	return sums
}

// Merge adds what was counted to the Tally, and empties the share. It must run alone.
func (s *Share) Merge() {
	for i, sums := range s.sums {
		for n := range sums {
			s.tally.own.sums[i][n].add(sums[n])
			*sums[n] = numbers{}
		}
	}
}

// Add counts one document of a source. Each may be added once, to one share.
func (s *Share) Add(source int, row scan.Row) {
	references := s.tally.counters.Sources[source].references
	for i := range references {
		r := &references[i]
		if !r.field.List {
			s.refer(r, bsonvalue.Of(row[r.place]), row)
			continue
		}
		s.seen.Reset()
		for list := scan.List(row[r.place]); list.Next(); {
			if id := bsonvalue.Of(list.Value); s.seen.Add(id) {
				s.refer(r, id, row)
			}
		}
	}
}

// refer counts a document for the one that it refers to.
func (s *Share) refer(r *reference, id bsonvalue.ID, row scan.Row) {
	if !id.Refers() {
		return
	}
	d := &s.tally.of[r.target]
	at, ok := d.index.At(id)
	if !ok {
		if s != s.tally.own || !d.open {
			return
		}
		at = d.place(id)
	}
	for i := range r.adds {
		if n := r.adds[i].worth(row); n > 0 {
			sums := s.sums[r.target][r.adds[i].counter]
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
