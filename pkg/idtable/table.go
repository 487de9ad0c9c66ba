// Package idtable is a map from ObjectIDs that takes 12 to 14 bytes an id, beside the value: a Go map takes 22 to 40.
//
// A table is a hash table by linear hashing (Litwin 1980): the last bits of an id's hash name the part where the id is,
// and whenever there are many ids for the number of parts, one part is split in two. A part is a sorted list of hashes
// without a gap. Hashes are spread evenly, so that an id is a few places from where its hash says, or is not there.
//
// The hash of an id has all of its 96 bits, and is kept instead of it. Whole bytes that all hashes of a part share are
// not kept.
//
// The package must not know what the ids stand for.
package idtable

import (
	"iter"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Table is a map from ObjectIDs. The zero Table is empty and ready. It is not safe for concurrent use.
type Table[V any] struct {
	mix   mix
	parts []part[V]
	level uint // how many bits name a part at least
	more  int  // the first so many parts were split: one bit more names them and those that were split off
	n     int
}

// idsOfPart is how many ids the parts have on average, at most. More make searches longer, fewer take more memory for
// the parts.
const idsOfPart = 320

// Put sets the value of id.
func (t *Table[V]) Put(id bson.ObjectID, v V) {
	if t.parts == nil {
		t.mix, t.parts = newMix(rand.Uint64(), rand.Uint64()), make([]part[V], 1)
	}
	p, e := t.locate(halvesOf(id))
	at, found := p.find(e)
	if found {
		p.values[at] = v
		return
	}
	p.insert(at, e, v)
	if t.n++; t.n > idsOfPart*len(t.parts) {
		t.split()
	}
}

// At is the value of id, and whether there is one.
func (t *Table[V]) At(id bson.ObjectID) (v V, ok bool) {
	if t.n == 0 {
		return v, false
	}
	return t.at(halvesOf(id))
}

// at is At, to which nothing goes through memory.
func (t *Table[V]) at(first uint64, last uint32) (v V, ok bool) {
	p, e := t.locate(first, last)
	at, ok := p.find(e)
	if !ok {
		return v, false
	}
	return p.values[at], true
}

// Remove forgets id.
func (t *Table[V]) Remove(id bson.ObjectID) {
	if t.n == 0 {
		return
	}
	p, e := t.locate(halvesOf(id))
	if at, found := p.find(e); found {
		p.remove(at, e.size)
		t.n--
	}
}

// Len is the number of ids.
func (t *Table[V]) Len() int { return t.n }

// All is each id with its value, in no particular order. The table must not be changed meanwhile.
func (t *Table[V]) All() iter.Seq2[bson.ObjectID, V] {
	return func(yield func(bson.ObjectID, V) bool) {
		back := t.mix.inverse()
		for i := range t.parts {
			for h, v := range t.parts[i].all(i, t.shared(i)) {
				if !yield(back.id(h), v) {
					return
				}
			}
		}
	}
}

// locate is the part where an id belongs, and the entry that it has there.
func (t *Table[V]) locate(first uint64, last uint32) (*part[V], entry) {
	h := t.mix.hash(first, last)
	level := t.level & 63
	i := int(h.spread) & (1<<level - 1)
	if i < t.more {
		i, level = int(h.spread)&(2<<level-1), level+1
	}
	return &t.parts[i], h.entry(level)
}

// shared is how many last bits all hashes of a part share: those that name it.
func (t *Table[V]) shared(i int) uint {
	if i&(1<<t.level-1) < t.more {
		return t.level + 1
	}
	return t.level
}

// split adds a part, and divides among the two what the one part has that is next.
func (t *Table[V]) split() {
	level, i := t.level, t.more
	old := t.parts[i]
	t.parts = append(t.parts, part[V]{})
	var halves [2]part[V]
	for bit := range halves {
		halves[bit] = makePart[V](len(old.values)/2, sizeOfEntry(level+1))
	}
	for h, v := range old.all(i, level) {
		to := &halves[h.spread>>level&1]
		to.insert(len(to.values), h.entry(level+1), v)
	}
	t.parts[i], t.parts[len(t.parts)-1] = halves[0], halves[1]
	if t.more++; t.more == 1<<level {
		t.level, t.more = level+1, 0
	}
}
