package idtable

import (
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// hash is an id in another form: its first eight bytes are mixed with its last four, and these stay as they are.
type hash struct {
	spread uint64
	last   uint32
}

// mix are the numbers of one table by which it makes hashes. Who chooses ids does not know them.
type mix struct{ add, factor uint64 }

// newMix makes a mix of two random numbers.
func newMix(a, b uint64) mix { return mix{a | 1, b | 1} }

// half is a shift by which the high bits of a product change the low ones. Done again, it undoes itself.
const half = 32

// halvesOf are the first eight bytes of an id, and the last four.
func halvesOf(id bson.ObjectID) (first uint64, last uint32) {
	return binary.LittleEndian.Uint64(id[:]), binary.LittleEndian.Uint32(id[8:])
}

// hash multiplies by odd numbers and shifts, as the finalizers of common hash functions do. Each step can be undone:
// ids that differ have hashes that differ.
func (m mix) hash(first uint64, last uint32) hash {
	x := (first ^ uint64(last)*m.add) * m.factor
	x ^= x >> half
	x *= m.add
	x ^= x >> half
	return hash{x, last}
}

// inverse gives ids back.
type inverse struct {
	mix
	byAdd, byFactor uint64 // multiply by these to undo a multiplication
}

func (m mix) inverse() inverse { return inverse{m, reciprocal(m.add), reciprocal(m.factor)} }

// reciprocal is the number by which an odd one is 1, modulo 2^64. Each step of Newton's method doubles the bits that
// are right, of which the number itself has three.
func reciprocal(odd uint64) uint64 {
	r := odd
	for range 5 {
		r *= 2 - odd*r
	}
	return r
}

// id is the id that has that hash.
func (b inverse) id(h hash) (id bson.ObjectID) {
	x := h.spread
	x ^= x >> half
	x *= b.byAdd
	x ^= x >> half
	x *= b.byFactor
	x ^= uint64(h.last) * b.add
	binary.LittleEndian.PutUint64(id[:], x)
	binary.LittleEndian.PutUint32(id[8:], h.last)
	return id
}
