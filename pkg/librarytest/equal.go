package librarytest

import (
	"math"
	"reflect"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Equal tells whether MongoDB's equality holds between two values as the driver decodes them: numbers compare across their
// types, everything else by type and value. A field that is missing equals nothing.
func Equal(a, b any) bool {
	if _, missing := a.(absent); missing {
		return false
	}
	if id, ok := a.(bson.ObjectID); ok { // by far the most common
		other, ok := b.(bson.ObjectID)
		return ok && id == other
	}
	x, isNumber := number(a)
	y, isNumberToo := number(b)
	if isNumber || isNumberToo {
		return isNumber && isNumberToo && (x == y || math.IsNaN(x) && math.IsNaN(y))
	}
	return reflect.DeepEqual(a, b)
}

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

// sizeOf is the bytes that a size counts for: a positive finite number, truncated; anything else counts 0.
func sizeOf(v any) int64 {
	n, ok := number(v)
	if !ok || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
		return 0
	}
	return int64(n)
}
