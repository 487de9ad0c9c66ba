package recount

import (
	"math"
	"math/big"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/scan"
)

// amount is what a field adds to a sum: a finite number above zero, its fraction cut off, at most what int64 can hold.
// Anything else adds nothing.
func amount(v bson.RawValue) int64 {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return max(0, v.AsInt64())
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

// amountOfDecimal writes no power of ten that int64 has no room for.
func amountOfDecimal(d bson.Decimal128) int64 {
	const digits = 19 // of the greatest int64
	n, exponent, err := d.BigInt()
	switch {
	case err != nil || n.Sign() <= 0 || exponent < -len(n.String()): // infinite, no number, not above zero, below one
		return 0
	case exponent > digits:
		return math.MaxInt64
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
	if exponent < 0 {
		n.Quo(n, power)
	} else {
		n.Mul(n, power)
	}
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return n.Int64()
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
