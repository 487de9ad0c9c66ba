package bsonvalue

import (
	"encoding/binary"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ErrTruncated says that bytes do not hold what they should.
var ErrTruncated = errors.New("what another process stored cannot be read: it is not whole, or of another release")

// Append adds v to bytes, from which Cut reads it.
func (v Value) Append(b []byte) []byte {
	raw := v.Raw()
	b = append(b, byte(raw.Type))
	b = binary.AppendUvarint(b, uint64(len(raw.Value)))
	return append(b, raw.Value...)
}

// Cut reads a Value that Append wrote, and returns what follows it.
func Cut(b []byte) (v Value, rest []byte, err error) {
	if len(b) == 0 {
		return v, nil, ErrTruncated
	}
	kind := bson.Type(b[0])
	n, rest, err := CutNumber(b[1:])
	if err != nil || n < 0 || n > int64(len(rest)) {
		return v, nil, ErrTruncated
	}
	raw := bson.RawValue{Type: kind, Value: rest[:n:n]}
	if raw.Validate() != nil {
		return v, nil, ErrTruncated
	}
	return Of(raw), rest[n:], nil
}

// AppendNumber adds a number that is not below zero to bytes, from which CutNumber reads it.
func AppendNumber(b []byte, n int64) []byte { return binary.AppendUvarint(b, uint64(n)) }

// CutNumber reads a number that AppendNumber wrote, and returns what follows it.
func CutNumber(b []byte) (n int64, rest []byte, err error) {
	u, size := binary.Uvarint(b)
	if size <= 0 || u > 1<<63-1 {
		return 0, nil, ErrTruncated
	}
	return int64(u), b[size:], nil
}
