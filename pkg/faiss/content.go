package faiss

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// Content is a digest of what an index is made from: a set of vectors and the ObjectIDs that they belong to, in any order.
// Two readings of an unchanged database have the same sum, whatever order the server gave the documents in. The zero Content
// is that of no vector.
//
// It adds up the SHA-256 of each pair, in four lanes of 64 bits, so that a pair that is there twice counts twice. It tells
// changes, it does not withstand forgery.
type Content struct {
	lanes [4]uint64
	count uint64
	pair  []byte
}

// Add takes in one normalised vector.
func (c *Content) Add(id ObjectID, unit []float32) {
	c.pair = append(c.pair[:0], id[:]...)
	for _, x := range unit {
		c.pair = binary.LittleEndian.AppendUint32(c.pair, math.Float32bits(x))
	}
	sum := sha256.Sum256(c.pair)
	for i := range c.lanes {
		c.lanes[i] += binary.LittleEndian.Uint64(sum[8*i:])
	}
	c.count++
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
