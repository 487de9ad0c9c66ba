package librarytest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Key is a value as a map's key: two are equal where MongoDB finds them equal, so 1, 1.0 and NumberLong(1) are one and
// "1" is another. A field that is missing is the empty key, which no value has.
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
	case bson.TypeArray, bson.TypeEmbeddedDocument:
		return nestedKey(v)
	}
	return fmt.Sprintf("%d %x", v.Type, v.Value)
}

// nestedKey is the Key of a document or an array: its elements in their order.
func nestedKey(v bson.RawValue) string {
	list, err := bson.Raw(v.Value).Elements()
	if err != nil {
		return fmt.Sprintf("%d %x", v.Type, v.Value)
	}
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%q:%s,", e.Key(), Key(e.Value()))
	}
	return fmt.Sprintf("%d {%s}", v.Type, b.String())
}

// KeyOf is the Key of a Go value.
func KeyOf(v any) string {
	switch v.(type) {
	case absent:
		return ""
	case nil:
		return Key(bson.RawValue{Type: bson.TypeNull})
	}
	return Key(rawValue(v))
}

// rawValue is a Go value as a document holds it.
func rawValue(v any) bson.RawValue {
	kind, data, err := bson.MarshalValue(v)
	if err != nil {
		panic(fmt.Sprintf("librarytest: encode %v: %v", v, err)) // the generator makes nothing that is no BSON
	}
	return bson.RawValue{Type: kind, Value: data}
}

func numberKey(n int64) string { return "n" + strconv.FormatInt(n, 10) }

// refers reports whether a value can be the id of a document: there is one and it is not null.
func refers(v bson.RawValue) bool { return v.Type != 0 && v.Type != bson.TypeNull }

// number is v as a float, and whether it is a number. No generated integer is too large for a float to hold exactly.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int32:
		return float64(n), true
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
