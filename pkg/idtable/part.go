package idtable

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
)

// part is a sorted list of entries, and the value of each.
type part[V any] struct {
	entries []byte
	values  []V
}

// entry is a hash as a part keeps it: the spread bits but for the last whole bytes, if all hashes of the part share
// these, then the last four bytes of the id. Entries are sorted byte by byte.
type entry struct {
	head uint64 // the first eight bytes
	last uint32 // the last four, of which the head may have some
	size int    // in bytes
}

// maxUnkept is how many bytes of a hash are not kept at most: an entry has eight for its head.
const maxUnkept = 4

// unkept is how many bytes of a hash are not kept where so many of its bits are shared.
func unkept(shared uint) uint { return min(shared/8, maxUnkept) }

func sizeOfEntry(shared uint) int { return 12 - int(unkept(shared)) }

func (h hash) entry(shared uint) entry {
	no := 8 * unkept(shared)
	return entry{head: h.spread>>no<<no | uint64(h.last)>>(32-no), last: h.last, size: sizeOfEntry(shared)}
}

// makePart is an empty part with room for so many entries of a size.
func makePart[V any](n, size int) part[V] {
	return part[V]{room[byte](nil, n*size), room[V](nil, n)}
}

// room is s with room for more.
func room[E any](s []E, more int) []E {
	if cap(s)-len(s) >= more {
		return s
	}
	return append(slices.Grow([]E(nil), len(s)+len(s)/16+more), s...) // which fills what Go gives, unlike append
}

// find is the place of an entry, or the one where it belongs. The search begins where the entry is if the heads are
// spread evenly.
func (p *part[V]) find(e entry) (at int, found bool) {
	n := len(p.values)
	guess, _ := bits.Mul64(e.head, uint64(n))
	at = int(guess)
	for at < n && p.head(at, e.size) < e.head {
		at++
	}
	for at > 0 && p.head(at-1, e.size) >= e.head {
		at--
	}
	for ; at < n && p.head(at, e.size) == e.head; at++ {
		if last := p.last(at, e.size); last >= e.last {
			return at, last == e.last
		}
	}
	return at, false
}

func (p *part[V]) head(at, size int) uint64 { return binary.BigEndian.Uint64(p.entries[at*size:]) }

func (p *part[V]) last(at, size int) uint32 {
	return binary.BigEndian.Uint32(p.entries[(at+1)*size-4:])
}

// insert makes an entry the one at a place.
func (p *part[V]) insert(at int, e entry, v V) {
	end, from := len(p.entries), at*e.size
	p.entries = room(p.entries, e.size)[:end+e.size]
	copy(p.entries[from+e.size:], p.entries[from:end])
	binary.BigEndian.PutUint64(p.entries[from:], e.head)
	binary.BigEndian.PutUint32(p.entries[from+e.size-4:], e.last)
	p.values = slices.Insert(room(p.values, 1), at, v)
}

func (p *part[V]) remove(at, size int) {
	p.entries = slices.Delete(p.entries, at*size, (at+1)*size)
	p.values = slices.Delete(p.values, at, at+1)
}

// all is each hash with its value. The part has a number, of which the hashes share so many bits.
func (p *part[V]) all(number int, shared uint) iter.Seq2[hash, V] {
	size, low := sizeOfEntry(shared), uint64(1)<<(8*unkept(shared))-1
	return func(yield func(hash, V) bool) {
		for at, v := range p.values {
			h := hash{spread: p.head(at, size)&^low | uint64(number)&low, last: p.last(at, size)}
			if !yield(h, v) {
				return
			}
		}
	}
}
