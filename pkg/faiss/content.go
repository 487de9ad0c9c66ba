package faiss

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// Content is a digest of what an index is made from: a set of vectors and the ObjectIDs that they belong to, in any
// order. Two readings of an unchanged database have the same sum, whatever order the server gave the documents in. The
// zero Content is that of no vector.
//
// It adds up the SHA-256 of each pair, in four lanes of 64 bits, so that a pair that is there twice counts twice. It
// tells changes, it does not withstand forgery.
type Content struct {
	lanes [4]uint64
	count uint64
	pair  []byte
}

// Add takes in one normalised vector, and gives it as an index file holds it. The row is valid until the next Add.
func (c *Content) Add(id ObjectID, unit []float32) (row []byte) {
	c.pair = appendRow(append(c.pair[:0], id[:]...), unit)
	sum := sha256.Sum256(c.pair)
	for i := range c.lanes {
		c.lanes[i] += binary.LittleEndian.Uint64(sum[8*i:])
	}
	c.count++
	return c.pair[len(id):]
}

// appendRow appends a vector as an index file holds it.
func appendRow(b []byte, unit []float32) []byte {
	at := len(b)
	b = slices.Grow(b, 4*len(unit))[:at+4*len(unit)]
	for i, row := 0, b[at:]; i < len(unit) && len(row) >= 4; i, row = i+1, row[4:] {
		binary.LittleEndian.PutUint32(row, math.Float32bits(unit[i]))
	}
	return b
}

// Count is how many vectors were added.
func (c *Content) Count() int64 { return int64(c.count) }

// Sum is the digest.
func (c *Content) Sum() [32]byte {
	b := binary.LittleEndian.AppendUint64(nil, c.count)
	for _, lane := range c.lanes {
		b = binary.LittleEndian.AppendUint64(b, lane)
	}
	return sha256.Sum256(b)
}
