package recount

import "encoding/binary"

// numbers is a list of whole numbers that are not below zero. Each is 0 at first. The largest of a chunk says how many bytes
// each takes there, so that a million directories with few files take a megabyte.
type numbers struct{ chunks []chunk }

// chunk is chunkSize numbers of the same width: 1, 2, 4 or 8 bytes, or none while all are 0.
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

// list is the first so many numbers.
func (n *numbers) list(count int) []int64 {
	all := make([]int64, count)
	for i := range all {
		all[i] = n.at(int32(i))
	}
	return all
}

// width is how many bytes a chunk with v must give each number.
func width(v int64) int {
	switch {
	case v == 0:
		return 0
	case v < 1<<8:
		return 1
	case v < 1<<16:
		return 2
	case v < 1<<32:
		return 4
	}
	return 8
}

func (c *chunk) at(i int) uint64 {
	switch c.width {
	case 0:
		return 0
	case 1:
		return uint64(c.bytes[i])
	case 2:
		return uint64(binary.LittleEndian.Uint16(c.bytes[2*i:]))
	case 4:
		return uint64(binary.LittleEndian.Uint32(c.bytes[4*i:]))
	}
	return binary.LittleEndian.Uint64(c.bytes[8*i:])
}

func (c *chunk) set(i int, v uint64) {
	switch c.width {
	case 0:
	case 1:
		c.bytes[i] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(c.bytes[2*i:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(c.bytes[4*i:], uint32(v))
	default:
		binary.LittleEndian.PutUint64(c.bytes[8*i:], v)
	}
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
