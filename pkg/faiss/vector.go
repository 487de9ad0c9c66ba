package faiss

import "math"

// Flaw is why a vector cannot be in an index.
type Flaw string

// The flaws. Sound is none.
const (
	Sound          Flaw = ""
	WrongDimension Flaw = "of another dimension"
	NotFinite      Flaw = "with a NaN or an infinity"
	Zero           Flaw = "of length zero"
)

// Normalise writes vector, scaled to the length 1, into unit, which has the index's dimension. Where there is a flaw, unit is
// not to be used. The length is taken in float64 and of scaled elements, so that no finite vector is too long or too short.
func Normalise(unit []float32, vector []float64) Flaw {
	if len(vector) != len(unit) {
		return WrongDimension
	}
	largest := 0.0
	for _, x := range vector {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return NotFinite
		}
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 {
		return Zero
	}
	var squares float64
	for _, x := range vector {
		squares += (x / largest) * (x / largest)
	}
	length := math.Sqrt(squares)
	for i, x := range vector {
		unit[i] = float32(x / largest / length)
	}
	return Sound
}

// dot is the inner product, in float64 so that only the elements' own rounding is in it.
func dot(a, b []float32) float64 {
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}
