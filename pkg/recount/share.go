package recount

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
)

// Share counts documents for a Tally beside other Shares, each on a goroutine of its own. As long as there are Shares,
// the Tally must not be told of documents, and ids that it was not told of do not count.
type Share struct {
	tally  *Tally
	sums   [][]*numbers       // by collection and counter
	seen   bsonvalue.Distinct // the ids of one list
	recent [][]recent         // by source and reference
}

// recent is the document to which a reference led last. The files of a folder follow each other.
type recent struct {
	id bson.ObjectID
	at int32
	is bool // there is one, and its id is an ObjectID
}

// Share is an empty share of the counting.
func (t *Tally) Share() *Share {
	sums := make([][]*numbers, len(t.of))
	for i := range t.of {
		sums[i] = make([]*numbers, len(t.of[i].columns))
		for n := range sums[i] {
			sums[i][n] = &numbers{}
		}
	}
	return t.shareIn(sums)
}

// shareIn is a share that counts in sums.
func (t *Tally) shareIn(sums [][]*numbers) *Share {
	s := &Share{tally: t, sums: sums}
	for _, source := range t.counters.Sources {
		s.recent = append(s.recent, make([]recent, len(source.references)))
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
			s.tally.own.sums[i][n].merge(sums[n])
			*sums[n] = numbers{}
		}
	}
}

// Add counts one document of a source. Each may be added once, to one share.
func (s *Share) Add(source int, row scan.Row) {
	references := s.tally.counters.Sources[source].references
	for i := range references {
		r, last, v := &references[i], &s.recent[source][i], &row[references[i].place]
		if !r.field.List {
			s.refer(r, last, v.Type, v.Value, row)
			continue
		}
		s.seen.Reset()
		for kind, value, rest := scan.Cut(scan.Items(*v)); kind != 0; kind, value, rest = scan.Cut(rest) {
			if s.isNew(kind, value) {
				s.refer(r, last, kind, value, row)
			}
		}
	}
}

// isNew tells whether a value of a list is none of those before.
func (s *Share) isNew(kind bson.Type, value []byte) bool {
	if kind == bson.TypeObjectID {
		return s.seen.AddObjectID(bson.ObjectID(value))
	}
	return s.seen.Add(bsonvalue.Of(bson.RawValue{Type: kind, Value: value}))
}

// refer counts a document for the one to which a value refers.
func (s *Share) refer(r *reference, last *recent, kind bson.Type, value []byte, row scan.Row) {
	if kind != bson.TypeObjectID {
		if at, counts := s.place(r.target, bsonvalue.Of(bson.RawValue{Type: kind, Value: value})); counts {
			s.count(r, at, row)
		}
		return
	}
	if id := bson.ObjectID(value); !last.is || id != last.id {
		at, counts := s.tally.of[r.target].index.AtObjectID(id)
		if !counts {
			at, counts = s.open(r.target, bsonvalue.ObjectID(id))
		}
		if !counts {
			return
		}
		*last = recent{id, at, true}
	}
	s.count(r, last.at, row)
}

// count adds what a document counts to the one that is there.
func (s *Share) count(r *reference, at int32, row scan.Row) {
	sums := s.sums[r.target]
	for i := range r.adds {
		if n := r.adds[i].worth(row); n > 0 {
			sums[r.adds[i].counter].add(at, n)
		}
	}
}

// place is where the document with an id is in the columns, if anything counts for it.
func (s *Share) place(target int, id bsonvalue.ID) (at int32, counts bool) {
	if !id.Refers() {
		return 0, false
	}
	if at, counts = s.tally.of[target].index.At(id); counts {
		return at, counts
	}
	return s.open(target, id)
}

// open is the place of an id that the tally was not told of, if such ids count.
func (s *Share) open(target int, id bsonvalue.ID) (at int32, counts bool) {
	d := &s.tally.of[target]
	if s != s.tally.own || !d.open {
		return 0, false
	}
	return d.place(id), true
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
