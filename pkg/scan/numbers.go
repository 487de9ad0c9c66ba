package scan

import "go.mongodb.org/mongo-driver/v2/bson"

// Numbers appends the elements of a stored list to numbers. It is not ok where that is no list of numbers, or an empty
// one.
func Numbers(numbers []float64, stored bson.RawValue) (all []float64, ok bool) {
	list := List(stored)
	for list.Next() {
		switch v := list.Value; v.Type {
		case bson.TypeDouble:
			numbers = append(numbers, v.Double())
		case bson.TypeInt32, bson.TypeInt64:
			numbers = append(numbers, float64(v.AsInt64()))
		default:
			return numbers, false
		}
	}
	return numbers, list.Whole() && len(numbers) > 0
}
