package cachecleanup

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Seen to fail when the first histogram's span was taken as a whole, and when what lies before a span was not taken off the need.
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
						h.add(numbers[i], sizes[i])
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
	byNumber := map[uint64]found{}
	for i, number := range numbers {
		was := byNumber[number]
		byNumber[number] = found{number, was.rest + sizes[i], was.files + 1}
	}
	var all []found
	for _, f := range byNumber {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b found) int {
		if a.number < b.number {
			return -1
		}
		return 1
	})
	for _, f := range all {
		if f.rest >= need {
			return found{f.number, need, f.files}
		}
		need -= f.rest
	}
	return found{number: math.MaxUint64}
}
