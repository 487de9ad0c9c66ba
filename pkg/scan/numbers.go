package scan

import (
	"encoding/binary"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Numbers appends the elements of a stored list to numbers. It is not ok where that is no list of numbers, or an empty
// one.
func Numbers(numbers []float64, stored bson.RawValue) (all []float64, ok bool) {
	list := List(stored)
	for {
		numbers = list.doubles(numbers)
		if !list.Next() {
			return numbers, list.Whole() && len(numbers) > 0
		}
		switch v := list.Value; v.Type {
		case bson.TypeDouble:
			numbers = append(numbers, v.Double())
		case bson.TypeInt32, bson.TypeInt64:
			numbers = append(numbers, float64(v.AsInt64()))
		default:
			return numbers, false
		}
	}
}

// doubles appends the doubles that come next, and goes behind them: what Next would come to, for lists of nothing else.
func (e *Elements) doubles(numbers []float64) []float64 {
	rest := e.rest
	for len(rest) > 0 && rest[0] == byte(bson.TypeDouble) {
		end := 1
		for end < len(rest) && rest[end] != 0 {
			end++
		}
		if len(rest) < end+9 {
			break
		}
		value := rest[end+1 : end+9 : end+9]
		numbers = append(numbers, math.Float64frombits(binary.LittleEndian.Uint64(value)))
		rest = rest[end+9:]
	}
	e.rest = rest
	return numbers
}
