package recount

import (
	"encoding/binary"
	"math/bits"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// numbers is a list of whole numbers that are not below zero. Each is 0 at first. The largest of a chunk says how
// many bytes each takes there, so that a million directories with few files take a megabyte.
type numbers struct{ chunks []chunk }

// chunk is chunkSize numbers of the same width in bytes, which is 0 while all are 0. The lowest byte is the first.
type chunk struct {
	width int
	bytes []byte
}

const chunkSize = 1024

func (n *numbers) at(i int32) int64 {
	c := int(i) / chunkSize
	if c >= len(n.chunks) {
		return 0
	}
	return int64(n.chunks[c].at(int(i) % chunkSize))
}

func (n *numbers) set(i int32, v int64) {
	c := int(i) / chunkSize
	for c >= len(n.chunks) {
		n.chunks = append(n.chunks, chunk{})
	}
	n.chunks[c].widen(width(v))
	n.chunks[c].set(int(i)%chunkSize, uint64(v))
}

// add adds to one number, which becomes at most what int64 can hold.
func (n *numbers) add(i int32, more int64) {
	c := int(i) / chunkSize
	if c < len(n.chunks) && n.chunks[c].add(int(i)%chunkSize, uint64(more)) {
		return
	}
	n.set(i, plus(n.at(i), more))
}

// merge adds other numbers to those at the same places.
func (n *numbers) merge(other *numbers) {
	for c := range other.chunks {
		if other.chunks[c].width == 0 {
			continue
		}
		for i := range chunkSize {
			if v := other.chunks[c].at(i); v > 0 {
				n.add(int32(c*chunkSize+i), int64(v))
			}
		}
	}
}

// list is the first so many numbers.
func (n *numbers) list(count int) []int64 {
	all := make([]int64, count)
	for i := range all {
		all[i] = n.at(int32(i))
	}
	return all
}

// width is how many bytes a chunk with v must give each number.
func width(v int64) int { return (bits.Len64(uint64(v)) + 7) / 8 }

func (c *chunk) at(i int) (v uint64) {
	for n, b := range c.bytes[c.width*i : c.width*(i+1)] {
		v |= uint64(b) << (8 * n)
	}
	return v
}

func (c *chunk) set(i int, v uint64) {
	for n := range c.width {
		c.bytes[c.width*i+n] = byte(v >> (8 * n))
	}
}

// add adds to a number where the sum has room and eight bytes can be read at once, and tells whether it did.
func (c *chunk) add(i int, more uint64) bool {
	at, bits := c.width*i, 8*c.width
	if at+8 > len(c.bytes) || bits > 56 {
		return false
	}
	all := binary.LittleEndian.Uint64(c.bytes[at:])
	sum := all&(1<<bits-1) + more
	if sum>>bits != 0 || more>>bits != 0 {
		return false
	}
	binary.LittleEndian.PutUint64(c.bytes[at:], all>>bits<<bits|sum)
	return true
}

func (c *chunk) widen(width int) {
	if width <= c.width {
		return
	}
	old := *c
	*c = chunk{width: width, bytes: make([]byte, chunkSize*width)}
	for i := range chunkSize {
		c.set(i, old.at(i))
	}
}

// stored is what documents store in one counter's field, if the counter is one of theirs. A number from 0 to half of
// what int64 holds takes as many bytes as it needs; what else there is, is kept once and named by a number.
type stored struct {
	codes  numbers // 0: the counter is none of the document's; 2n+1: the number n; 2n+2: the n-th of others
	others []bsonvalue.Value
	places map[bsonvalue.Value]int64
}

func (s *stored) set(at int32, v bsonvalue.Value) {
	if n, ok := v.Int64(); ok && n >= 0 && n < 1<<62-1 {
		s.codes.set(at, 2*n+1)
		return
	}
	n, known := s.places[v]
	if !known {
		if s.places == nil {
			s.places = map[bsonvalue.Value]int64{}
		}
		n = int64(len(s.others))
		s.places[v], s.others = n, append(s.others, v)
	}
	s.codes.set(at, 2*n+2)
}

// leave has the counter be none of the document's.
func (s *stored) leave(at int32) { s.codes.set(at, 0) }

// at is what a document stores, and whether the counter is one of its own.
func (s *stored) at(at int32) (v bsonvalue.Value, applies bool) {
	switch code := s.codes.at(at); {
	case code == 0:
		return v, false
	case code%2 == 1:
		return bsonvalue.Int(code / 2), true
	default:
		return s.others[code/2-1], true
	}
}
