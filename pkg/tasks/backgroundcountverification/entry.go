package backgroundcountverification

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// The kinds of what is counted, and their places in lists of them.
const (
	tags = iota
	albums
	directories
)

// entry is one tag, album or directory while its slice is counted.
type entry struct {
	kind    byte
	smart   bool // an album that the server counts
	counted bool // of a smart album: the server has counted it
	id      mongodb.ID
	stored  uint64   // the digest of its counters as they were when the first scan began
	sum     [3]int64 // what was counted so far: files; of a directory the files right in it, those below it, their bytes
	first   [3]int64 // in the second scan: what its counters should be by the first
}

// counters is how many of sum and first matter.
func (e entry) counters() int {
	if e.kind == directories {
		return 3
	}
	return 1
}

// digest tells values apart, also across runs.
func digest(values ...mongodb.Value) uint64 {
	h := fnv.New64a()
	for _, v := range values {
		raw := v.Raw()
		h.Write([]byte{byte(raw.Type)})
		h.Write(binary.AppendUvarint(nil, uint64(len(raw.Value))))
		h.Write(raw.Value)
	}
	return h.Sum64()
}

// slice is which of n slices a document belongs to, n being a power of two.
func slice(id mongodb.ID, n int) int {
	h := digest(id)
	return int((h ^ h>>32) % uint64(n))
}

// Flags of a packed entry, above its kind.
const (
	flagSmart = 1 << (iota + 4)
	flagCounted
	kindMask = 0x0f
)

// pack appends an entry in a form that takes some 32 bytes.
func (e entry) pack(b []byte, second bool) []byte {
	flags := e.kind
	if e.smart {
		flags |= flagSmart
	}
	if e.counted {
		flags |= flagCounted
	}
	raw := e.id.Raw()
	b = append(b, flags, byte(raw.Type))
	b = binary.AppendUvarint(b, uint64(len(raw.Value)))
	b = append(b, raw.Value...)
	b = binary.LittleEndian.AppendUint64(b, e.stored)
	for i := range e.counters() {
		b = binary.AppendVarint(b, e.sum[i])
		if second {
			b = binary.AppendVarint(b, e.first[i])
		}
	}
	return b
}

// unpack is what pack appended, one after the other, or an error where it is anything else.
func unpack(b []byte, second bool) (entries []entry, err error) {
	r := bytes.NewReader(b)
	for r.Len() > 0 {
		e, err := unpackOne(r, second)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func unpackOne(r *bytes.Reader, second bool) (e entry, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return e, err
	}
	e.kind, e.smart, e.counted = head[0]&kindMask, head[0]&flagSmart != 0, head[0]&flagCounted != 0
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(r.Len()) || e.kind > directories {
		return e, io.ErrUnexpectedEOF
	}
	value := make([]byte, n)
	if _, err := io.ReadFull(r, value); err != nil {
		return e, err
	}
	e.id = mongodb.ValueOf(bson.RawValue{Type: bson.Type(head[1]), Value: value})
	if err := binary.Read(r, binary.LittleEndian, &e.stored); err != nil {
		return e, err
	}
	for i := range e.counters() {
		if e.sum[i], err = binary.ReadVarint(r); err != nil {
			return e, err
		}
		if !second {
			continue
		}
		if e.first[i], err = binary.ReadVarint(r); err != nil {
			return e, err
		}
	}
	return e, nil
}
