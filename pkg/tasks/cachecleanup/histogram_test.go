package cachecleanup

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Seen to fail when the first histogram's span was taken as a whole, and when what lies before a span was not taken off
// the need.
func TestFindIsExactHoweverManyNumbersThereAre(t *testing.T) {
	const n = 50_000
	random := rand.New(rand.NewPCG(1, 2))
	for name, number := range map[string]func(i int) uint64{
		"few numbers":                     func(int) uint64 { return random.Uint64N(100) },
		"one number":                      func(int) uint64 { return 7 },
		"one number each, close together": func(i int) uint64 { return 1<<63 + uint64(i) },
		"numbers from the whole range":    func(int) uint64 { return random.Uint64() },
		"two far and dense heaps":         func(i int) uint64 { return uint64(i%2)*math.MaxUint64/2 + random.Uint64N(n) },
		"denser and denser to the end":    func(int) uint64 { return math.MaxUint64 - uint64(math.Exp(random.Float64()*40)) },
	} {
		t.Run(name, func(t *testing.T) {
			numbers, sizes := make([]uint64, n), make([]int64, n)
			for i := range n {
				numbers[i], sizes[i] = number(i), random.Int64N(1000)
			}
			look := func(in window) (*histogram, error) {
				h := newHistogram()
				for i := range n {
					if in.has(numbers[i]) {
						h.add(numbers[i], sum{1, sizes[i], fingerprint{uint64(i)}})
					}
					if len(h.spans) > maxSpans {
						t.Fatalf("%d spans", len(h.spans))
					}
				}
				return h, nil
			}
			for range 3 {
				need := 1 + random.Int64N(n*450)
				all, _ := look(window{0, math.MaxUint64})
				got, _ := find(need, all, look)
				if want := sorted(numbers, sizes, need); got != want {
					t.Errorf("need %d: got %+v, want %+v", need, got, want)
				}
			}
		})
	}
}

// sorted is what find finds, the obvious way.
func sorted(numbers []uint64, sizes []int64, need int64) found {
	byNumber := map[uint64]sum{}
	for i, number := range numbers {
		byNumber[number] = byNumber[number].plus(sum{1, sizes[i], fingerprint{uint64(i)}})
	}
	all := sum{}
	for _, number := range slices.Sorted(maps.Keys(byNumber)) {
		s := byNumber[number]
		if all.bytes+s.bytes >= need {
			return found{number, s, all}
		}
		all = all.plus(s)
	}
	return found{number: math.MaxUint64, before: all}
}
