package recount

import (
	"encoding/binary"
	"math"
	"math/big"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/scan"
)

// amount is what a field adds to a sum: a finite number above zero, its fraction cut off, at most what int64 can hold.
// Anything else adds nothing.
func amount(v bson.RawValue) int64 {
	switch v.Type {
	case bson.TypeInt32:
		return max(0, int64(int32(binary.LittleEndian.Uint32(v.Value))))
	case bson.TypeInt64:
		return max(0, int64(binary.LittleEndian.Uint64(v.Value)))
	case bson.TypeDouble:
		return amountOfFloat(v.Double())
	case bson.TypeDecimal128:
		return amountOfDecimal(v.Decimal128())
	}
	return 0
}

func amountOfFloat(f float64) int64 {
	switch {
	case !(f > 0) || math.IsInf(f, 0): // NaN is not above zero either
		return 0
	case f >= 1<<63:
		return math.MaxInt64
	}
	return int64(f)
}

// amountOfDecimal takes 128 bits for the 34 digits, so that what it cuts off is a fraction.
func amountOfDecimal(d bson.Decimal128) int64 {
	f, _, err := big.ParseFloat(d.String(), 10, 128, big.ToZero)
	if err != nil { // infinite, or no number
		return 0
	}
	n, _ := f.Int64() // at most what int64 can hold
	return max(0, n)
}

// plus is a+b of numbers that are not below zero, at most what int64 can hold.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// length is how many elements a list has; what is no list has none.
func length(v bson.RawValue) (n int64) {
	for list := scan.List(v); list.Next(); {
		n++
	}
	return n
}
