package faiss

import (
	"fmt"
	"math"
	"slices"
)

// maxSample bounds the vectors that are searched for: every one costs an inner product with each vector of the index.
const maxSample = 8

// rounding is how much longer than 1 a product of two unit vectors in float32 may be. Two vectors that are nearer than
// that are equal for every purpose of a search.
const rounding = 1e-6

// sample keeps a few of the vectors that were given to a Build, evenly spread, so that the file can be checked against
// what it should hold and not against itself.
type sample struct {
	stride int64
	kept   []sampled
}

type sampled struct {
	position int64
	unit     []float32
	found    bool    // at its position, bit by bit
	best     float64 // the largest inner product with any vector of the file
}

// offer keeps every stride-th vector, and doubles the stride whenever there are too many.
func (s *sample) offer(position int64, unit []float32) {
	s.stride = max(s.stride, 1)
	if position%s.stride != 0 {
		return
	}
	s.kept = append(s.kept, sampled{position: position, unit: slices.Clone(unit), best: math.Inf(-1)})
	if len(s.kept) > maxSample {
		s.stride *= 2
		s.kept = slices.DeleteFunc(s.kept, func(k sampled) bool { return k.position%s.stride != 0 })
	}
}

// search compares one vector of the file with all that were kept.
func (s *sample) search(position int64, unit []float32) {
	for i := range s.kept {
		k := &s.kept[i]
		k.best = max(k.best, dot(k.unit, unit))
		if k.position == position {
			k.found = slices.Equal(k.unit, unit)
		}
	}
}

// verdict is nil where each kept vector was found in its place and is its own nearest neighbour, or as near as its
// equals.
func (s *sample) verdict() error {
	for _, k := range s.kept {
		if !k.found {
			return &DamagedError{What: fmt.Sprintf("vector %d is not the one that was written", k.position)}
		}
		if self := dot(k.unit, k.unit); k.best > self+rounding {
			return &DamagedError{What: fmt.Sprintf("vector %d is not its own nearest neighbour (%v, but %v with another)",
				k.position, self, k.best)}
		}
	}
	return nil
}
