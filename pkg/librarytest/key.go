package librarytest

import (
	"fmt"
	"math"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Key is a value as a map's key: two are equal where MongoDB finds them equal, so 1, 1.0 and NumberLong(1) are one and "1" is
// another. A field that is missing is the empty key, which no value has.
func Key(v bson.RawValue) string {
	switch v.Type {
	case 0:
		return ""
	case bson.TypeInt32, bson.TypeInt64:
		return numberKey(v.AsInt64())
	case bson.TypeDouble:
		if f := v.Double(); f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return numberKey(int64(f))
		}
		return "n" + strconv.FormatFloat(v.Double(), 'g', -1, 64)
	}
	return fmt.Sprintf("%d %x", v.Type, v.Value)
}

// KeyOf is the Key of a Go value.
func KeyOf(v any) string { return keyOf(v) }

func numberKey(n int64) string { return "n" + strconv.FormatInt(n, 10) }

// keyOf is the Key of a value that is not encoded yet.
func keyOf(v any) string {
	switch v.(type) {
	case absent:
		return ""
	case nil:
		return Key(bson.RawValue{Type: bson.TypeNull})
	}
	kind, data, err := bson.MarshalValue(v)
	if err != nil {
		panic(fmt.Sprintf("librarytest: encode %v: %v", v, err)) // the generator makes nothing that is no BSON
	}
	return Key(bson.RawValue{Type: kind, Value: data})
}

// refers tells whether a value can be the id of a document: there is one and it is not null.
func refers(v bson.RawValue) bool { return v.Type != 0 && v.Type != bson.TypeNull }
