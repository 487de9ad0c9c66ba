package backgroundcountverification

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

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
		raw := v.Raw()
		h.Write([]byte{byte(raw.Type)})
		h.Write(binary.AppendUvarint(nil, uint64(len(raw.Value))))
		h.Write(raw.Value)
	}
	return h.Sum64()
}

// slice is which of n slices a document belongs to, n being a power of two.
func slice(id bsonvalue.ID, n int) int {
	h := digest(id)
	return int((h ^ h>>32) % uint64(n))
}

// pack appends an entry in a form that takes some 32 bytes.
func (e entry) pack(b []byte, second bool) []byte {
	raw := e.id.Raw()
	b = binary.AppendUvarint(b, uint64(e.kind))
	b = append(b, byte(raw.Type))
	b = binary.AppendUvarint(b, uint64(len(raw.Value)))
	b = append(b, raw.Value...)
	b = binary.LittleEndian.AppendUint64(b, e.stored)
	for _, c := range e.counters {
		if b = append(b, byte(c.status)); c.status == ignored {
			continue
		}
		b = binary.AppendVarint(b, c.sum)
		if second {
			b = binary.AppendVarint(b, c.first)
		}
	}
	return b
}

// unpack is what pack appended, one after the other, or an error where it is anything else.
func unpack(b []byte, second bool, collections []recount.Collection) (entries []entry, err error) {
	r := bytes.NewReader(b)
	for r.Len() > 0 {
		e, err := unpackOne(r, second, collections)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func unpackOne(r *bytes.Reader, second bool, collections []recount.Collection) (e entry, err error) {
	kind, err := binary.ReadUvarint(r)
	if err != nil || kind >= uint64(len(collections)) {
		return e, io.ErrUnexpectedEOF
	}
	e.kind, e.counters = int(kind), make([]counter, len(collections[kind].Counters))
	if e.id, err = unpackID(r); err != nil {
		return e, err
	}
	if err := binary.Read(r, binary.LittleEndian, &e.stored); err != nil {
		return e, err
	}
	for i := range e.counters {
		if err := e.counters[i].unpack(r, second); err != nil {
			return e, err
		}
	}
	return e, nil
}

func unpackID(r *bytes.Reader) (id bsonvalue.ID, err error) {
	kind, err := r.ReadByte()
	if err != nil {
		return id, err
	}
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(r.Len()) {
		return id, io.ErrUnexpectedEOF
	}
	value := make([]byte, n)
	_, err = io.ReadFull(r, value)
	return bsonvalue.Of(bson.RawValue{Type: bson.Type(kind), Value: value}), err
}

func (c *counter) unpack(r *bytes.Reader, second bool) error {
	s, err := r.ReadByte()
	if err != nil || status(s) > answered {
		return io.ErrUnexpectedEOF
	}
	if c.status = status(s); c.status == ignored {
		return nil
	}
	if c.sum, err = binary.ReadVarint(r); err != nil || !second {
		return err
	}
	c.first, err = binary.ReadVarint(r)
	return err
}
