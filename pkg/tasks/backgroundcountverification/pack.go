package backgroundcountverification

import (
	"bytes"
	"encoding/binary"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
)

// appendValue appends a value: its type, its length, and its bytes.
func appendValue(b []byte, v bsonvalue.Value) []byte {
	raw := v.Raw()
	b = append(b, byte(raw.Type))
	return append(binary.AppendVarint(b, int64(len(raw.Value))), raw.Value...)
}

// pack appends an entry in a form that takes some 32 bytes.
func (e entry) pack(b []byte) []byte {
	b = appendValue(binary.AppendVarint(b, int64(e.kind)), e.id)
	b = binary.LittleEndian.AppendUint64(b, e.stored)
	for _, c := range e.counters {
		b = binary.AppendVarint(b, int64(c.status))
		b = binary.AppendVarint(binary.AppendVarint(b, c.sum), c.first)
	}
	return b
}

// unpack is what pack appended, one after the other, or an error where it is anything else.
func unpack(b []byte, collections []recount.Collection) (entries []entry, err error) {
	for u := (&unpacker{rest: b}); len(u.rest) > 0; {
		e := u.entry(collections)
		if u.bad {
			return nil, errors.New("these are no packed entries")
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// unpacker takes values from the front of rest. Once there is none it is bad, and gives zeros.
type unpacker struct {
	rest []byte
	bad  bool
}

func (u *unpacker) bytes(n int64) []byte {
	if u.bad = u.bad || n < 0 || n > int64(len(u.rest)); u.bad {
		return make([]byte, 8) // as many as anything of a fixed size takes
	}
	taken := u.rest[:n]
	u.rest = u.rest[n:]
	return taken
}

func (u *unpacker) number() int64 {
	v, n := binary.Varint(u.rest)
	u.bad = u.bad || n <= 0
	u.bytes(int64(n))
	return v
}

// below is a number from 0 to less than n.
func (u *unpacker) below(n int) int {
	v := u.number()
	u.bad = u.bad || v < 0 || v >= int64(n)
	return int(v)
}

func (u *unpacker) entry(collections []recount.Collection) (e entry) {
	e.kind = u.below(len(collections))
	id := bson.RawValue{Type: bson.Type(u.bytes(1)[0]), Value: bytes.Clone(u.bytes(u.number()))}
	e.stored = binary.LittleEndian.Uint64(u.bytes(8))
	if u.bad {
		return e
	}
	e.id, e.counters = bsonvalue.Of(id), make([]counter, len(collections[e.kind].Counters))
	for i := range e.counters {
		e.counters[i] = counter{status(u.below(int(answered) + 1)), u.number(), u.number()}
	}
	return e
}
