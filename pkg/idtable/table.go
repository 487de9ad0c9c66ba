// Package idtable is a map from ObjectIDs that takes 14 to 16 bytes an id, beside the value: a Go map takes 22 to 40.
//
// The ids lie in flat arrays with open addressing: the id that is looked for is in the slot that its hash names, or
// in one of those that follow, up to the first that is empty. A large table consists of parts that grow one by one,
// so that it never exists twice, and there is no pointer in it for the garbage collector to follow.
//
// The package must not know what the ids stand for.
package idtable

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"math/rand/v2"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Table is a map from ObjectIDs. The zero Table is empty and ready. It is not safe for concurrent use.
type Table[V any] struct {
	seed  [2]uint64 // of its own: ids in the order of one table would pile up in another with the same
	parts []part[V] // one, or partCount
	n     int
	empty bool // the id that is all zeros, which stands for an empty slot, is in the table
	value V    // its value
}

const (
	partBits  = 6
	partCount = 1 << partBits
	// splitAbove is how many ids one part may have before it becomes partCount parts. These are then large enough to
	// fill the sizes in which Go allocates.
	splitAbove = 1 << 19
)

// Put sets the value of id.
func (t *Table[V]) Put(id bson.ObjectID, v V) {
	if id.IsZero() {
		if !t.empty {
			t.n++
		}
		t.empty, t.value = true, v
		return
	}
	if t.parts == nil {
		t.seed, t.parts = [2]uint64{rand.Uint64(), rand.Uint64()}, make([]part[V], 1)
	}
	if h := t.hash(id); t.part(h).put(t, h, id, v) {
		if t.n++; len(t.parts) == 1 && t.n > splitAbove {
			t.split()
		}
	}
}

// At is the value of id, and whether there is one.
func (t *Table[V]) At(id bson.ObjectID) (v V, ok bool) {
	switch {
	case id.IsZero():
		return t.value, t.empty
	case t.parts == nil:
		return v, false
	}
	h := t.hash(id)
	p := t.part(h)
	at, ok := p.find(h, id)
	if !ok {
		return v, false
	}
	return p.values[at], true
}

// Remove forgets id.
func (t *Table[V]) Remove(id bson.ObjectID) {
	if id.IsZero() {
		if t.empty {
			t.n--
		}
		var none V
		t.empty, t.value = false, none
		return
	}
	if t.parts == nil {
		return
	}
	h := t.hash(id)
	if p := t.part(h); p.remove(t, h, id) {
		t.n--
	}
}

// Len is the number of ids.
func (t *Table[V]) Len() int { return t.n }

// All is each id with its value, in no particular order. The table must not be changed meanwhile.
func (t *Table[V]) All() iter.Seq2[bson.ObjectID, V] {
	return func(yield func(bson.ObjectID, V) bool) {
		if t.empty && !yield(bson.NilObjectID, t.value) {
			return
		}
		for i := range t.parts {
			if !t.parts[i].all(yield) {
				return
			}
		}
	}
}

// hash multiplies the parts of an id, each mixed with a random number, as wyhash does:
// https://github.com/wangyi-fudan/wyhash. Who chooses ids knows neither number.
func (t *Table[V]) hash(id bson.ObjectID) uint64 {
	eight, four := binary.LittleEndian.Uint64(id[:]), binary.LittleEndian.Uint32(id[8:])
	high, low := bits.Mul64(eight^t.seed[0], uint64(four)^t.seed[1])
	return high ^ low
}

// part is the one where an id with that hash belongs: by the highest bits.
func (t *Table[V]) part(hash uint64) *part[V] {
	if len(t.parts) == 1 {
		return &t.parts[0]
	}
	return &t.parts[hash>>(64-partBits)]
}

// split divides the one part. The parts have their size before: ids that come in the order of their hashes would pile
// up in one that grows.
func (t *Table[V]) split() {
	whole := t.parts[0]
	t.parts = make([]part[V], partCount)
	for i := range t.parts {
		t.parts[i] = makePart[V](len(whole.ids) / partCount)
	}
	whole.all(func(id bson.ObjectID, v V) bool {
		h := t.hash(id)
		t.part(h).put(t, h, id, v)
		return true
	})
}
