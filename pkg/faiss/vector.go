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

// Normalise writes vector, scaled to the length 1, into unit, which has the index's dimension. Where there is a flaw,
// unit is not to be used. The length is taken in float64, and of scaled elements where squares would be too large or
// too small for it, so that no finite vector is too long or too short.
func Normalise(unit []float32, vector []float64) Flaw {
	if len(vector) != len(unit) {
		return WrongDimension
	}
	squares := sumOfSquares(vector)
	if !(squares > leastSquares && squares < mostSquares) { // NaN too
		return normaliseScaled(unit, vector)
	}
	scale := 1 / math.Sqrt(squares)
	for i, x := range vector {
		unit[i] = float32(x * scale)
	}
	return Sound
}

// Between these bounds a sum of squares is as exact as any: no square of an element that counts is lost.
const leastSquares, mostSquares = 1e-200, 1e200

// sumOfSquares adds in four lanes, which a processor does at once.
func sumOfSquares(vector []float64) float64 {
	var a, b, c, d float64
	for len(vector) >= 4 {
		v := vector[:4:4]
		a, b, c, d = a+v[0]*v[0], b+v[1]*v[1], c+v[2]*v[2], d+v[3]*v[3]
		vector = vector[4:]
	}
	for _, x := range vector {
		a += x * x
	}
	return a + b + (c + d)
}

// normaliseScaled is Normalise of any vector.
func normaliseScaled(unit []float32, vector []float64) Flaw {
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

// dot is the inner product, in float64 so that only the elements' own rounding is in it. It adds in four lanes.
func dot(a, b []float32) float64 {
	var w, x, y, z float64
	for len(a) >= 4 && len(b) >= 4 {
		p, q := a[:4:4], b[:4:4]
		w += float64(p[0]) * float64(q[0])
		x += float64(p[1]) * float64(q[1])
		y += float64(p[2]) * float64(q[2])
		z += float64(p[3]) * float64(q[3])
		a, b = a[4:], b[4:]
	}
	for i, p := range a {
		w += float64(p) * float64(b[i])
	}
	return w + x + (y + z)
}
