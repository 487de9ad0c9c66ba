package scan

import (
	"bytes"
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Elements walks the elements of a document or of a list. It ends early where the bytes are not well-formed.
type Elements struct {
	Key   []byte // of the element that Next came to
	Value bson.RawValue
	rest  []byte
}

// Document walks the elements of a document.
func Document(doc []byte) Elements { return Elements{rest: within(doc)} }

// List walks the elements of a list. What is no list has none.
func List(v bson.RawValue) Elements { return Elements{rest: Items(v)} }

// Items are the elements of a list, for Cut. What is no list has none.
func Items(v bson.RawValue) (elements []byte) {
	if v.Type != bson.TypeArray {
		return nil
	}
	return within(v.Value)
}

// Cut cuts the first element off. Its type is 0 where there is none, or where the bytes are not well-formed. It does
// what Elements does, and is for where a nanosecond matters.
func Cut(elements []byte) (kind bson.Type, value, rest []byte) {
	if len(elements) > 2 && elements[2] == 0 { // a key of one letter, as the first ten elements of a list have
		return cut(elements, 1)
	}
	return cut(elements, keyOf(elements))
}

// Next comes to the next element, if there is one.
func (e *Elements) Next() bool {
	key := keyOf(e.rest)
	kind, value, rest := cut(e.rest, key)
	if kind == 0 {
		return false
	}
	e.Key, e.Value.Type, e.Value.Value, e.rest = e.rest[1:1+key], kind, value, rest
	return true
}

// Whole tells, once Next is false, whether the walk came to the end, and not to bytes that are no element.
func (e *Elements) Whole() bool { return len(e.rest) == 1 && e.rest[0] == 0 }

// within are the elements of a document, with the byte that ends them.
func within(doc []byte) []byte {
	if len(doc) < 5 {
		return nil
	}
	n := binary.LittleEndian.Uint32(doc)
	if uint64(n) > uint64(len(doc)) || n < 5 {
		return nil
	}
	return doc[4:n]
}

// keyOf is the length of the first element's key, or less than 0 where there is none.
func keyOf(elements []byte) int {
	if len(elements) < 2 {
		return -1
	}
	return bytes.IndexByte(elements[1:], 0)
}

// cut cuts off the first element, whose key has that length.
func cut(elements []byte, key int) (kind bson.Type, value, rest []byte) {
	if key < 0 || elements[0] == 0 {
		return 0, nil, nil
	}
	kind, value = bson.Type(elements[0]), elements[2+key:]
	n, ok := length(kind, value)
	if !ok {
		return 0, nil, nil
	}
	return kind, value[:n:n], value[n:]
}

// length is how many of the bytes at the beginning of b are a value of a type, and whether b holds a whole one.
func length(kind bson.Type, b []byte) (n int, ok bool) {
	switch kind {
	case bson.TypeObjectID:
		n = 12
	case bson.TypeInt32:
		n = 4
	case bson.TypeDouble, bson.TypeInt64, bson.TypeDateTime, bson.TypeTimestamp:
		n = 8
	case bson.TypeDecimal128:
		n = 16
	case bson.TypeBoolean:
		n = 1
	case bson.TypeNull, bson.TypeUndefined, bson.TypeMinKey, bson.TypeMaxKey:
	case bson.TypeRegex:
		return twoTexts(b)
	default:
		return prefixed(kind, b)
	}
	return n, n <= len(b)
}

// prefixed is the length of a value that begins with a length.
func prefixed(kind bson.Type, b []byte) (n int, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	size := int64(int32(binary.LittleEndian.Uint32(b)))
	least := int64(0)
	switch kind {
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		size, least = size+4, 5
	case bson.TypeBinary:
		size, least = size+5, 5
	case bson.TypeDBPointer:
		size, least = size+4+12, 4+1+12
	case bson.TypeEmbeddedDocument, bson.TypeArray, bson.TypeCodeWithScope:
		least = 5
	default:
		return 0, false
	}
	return int(size), size >= least && size <= int64(len(b))
}

// twoTexts is the length of a regular expression and its options.
func twoTexts(b []byte) (n int, ok bool) {
	first := bytes.IndexByte(b, 0)
	if first < 0 {
		return 0, false
	}
	second := bytes.IndexByte(b[first+1:], 0)
	return first + second + 2, second >= 0
}
