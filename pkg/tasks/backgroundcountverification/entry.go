package backgroundcountverification

import (
	"hash/fnv"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
)

// entry is one document with counters while its slice is counted.
type entry struct {
	kind     int // the index of its collection
	id       bsonvalue.ID
	stored   uint64 // the digest of its counters as they were when the first scan began
	counters []counter
}

// counter is one counter of an entry, in the order of the collection's.
type counter struct {
	status status
	sum    int64 // what was counted so far
	first  int64 // in the second scan: what the counter should be by the first
}

// status is what is to be done about a counter.
type status byte

const (
	ignored  status = iota // it is none of this document, or nobody can count it
	counted                // it is counted
	answered               // it is that of a stored query, and the server has counted
)

// newEntry is the entry of a document when its slice begins.
func newEntry(kind int, id bsonvalue.ID, looks []recount.Look) entry {
	e := entry{kind: kind, id: id, stored: digestOf(looks), counters: make([]counter, len(looks))}
	for i, look := range looks {
		if look.Applies {
			e.counters[i].status = counted
		}
	}
	return e
}

// waits tells whether the server has a stored query of the entry to count in this scan.
func (e entry) waits(c recount.Collection) bool {
	for i, counter := range c.Counters {
		if counter.Matching.Name != "" && e.counters[i].status == counted {
			return true
		}
	}
	return false
}

// suspect is the entry in the second scan, in which it is counted anew.
func (e entry) suspect() entry {
	again := make([]counter, len(e.counters))
	for i, c := range e.counters {
		if c.status != ignored {
			again[i] = counter{status: counted, first: c.sum}
		}
	}
	e.counters = again
	return e
}

// digestOf tells whether a document stores the same counters as before.
func digestOf(looks []recount.Look) uint64 {
	stored := make([]bsonvalue.Value, len(looks))
	for i, look := range looks {
		stored[i] = look.Stored
	}
	return digest(stored...)
}

// digest tells values apart, also across runs.
func digest(values ...bsonvalue.Value) uint64 {
	h := fnv.New64a()
	for _, v := range values {
		h.Write(appendValue(nil, v))
	}
	return h.Sum64()
}

// slice is which of n slices a document belongs to, n being a power of two.
func slice(id bsonvalue.ID, n int) int {
	h := digest(id)
	return int((h ^ h>>32) % uint64(n))
}
