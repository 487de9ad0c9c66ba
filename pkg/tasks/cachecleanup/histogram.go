package cachecleanup

import (
	"maps"
	"math"
	"slices"
)

// maxSpans bounds the memory of a histogram, below 1 MiB. With more, fewer looks would not do: of a million files some
// 200 share a span, and the second look tells them apart.
const maxSpans = 1 << 13

// histogram adds up files by a number. It tells numbers apart exactly as long as there are few; above maxSpans
// different ones it drops as many of their low bits as it must.
type histogram struct {
	dropped uint           // bits
	spans   map[uint64]sum // all files with one number, or with all numbers that begin with the same bits
}

func newHistogram() *histogram { return &histogram{spans: map[uint64]sum{}} }

func (h *histogram) add(number uint64, s sum) {
	h.merge(number>>h.dropped, s)
	if len(h.spans) > maxSpans {
		h.coarsen()
	}
}

func (h *histogram) merge(key uint64, s sum) { h.spans[key] = h.spans[key].plus(s) }

// coarsen drops bits until half of the room is free again.
func (h *histogram) coarsen() {
	keys, more := slices.Sorted(maps.Keys(h.spans)), uint(1)
	for distinct(keys, more) > maxSpans/2 {
		more++
	}
	fine := h.spans
	h.spans = make(map[uint64]sum, maxSpans)
	h.dropped += more
	for key, s := range fine {
		h.merge(key>>more, s)
	}
}

// distinct counts sorted numbers that differ when their low bits are dropped.
func distinct(sorted []uint64, bits uint) int {
	n := 1
	for i := range sorted[1:] {
		if sorted[i]>>bits != sorted[i+1]>>bits {
			n++
		}
	}
	return n
}

// crossing is the key of the first span with which the bytes from the smallest number on add up to need, and all before
// it. It is false where all spans together hold less.
func (h *histogram) crossing(need int64) (key uint64, before sum, ok bool) {
	for _, key := range slices.Sorted(maps.Keys(h.spans)) {
		s := h.spans[key]
		if before.bytes+s.bytes >= need {
			return key, before, true
		}
		before = before.plus(s)
	}
	return 0, before, false
}

// window is a range of numbers, both ends included.
type window struct{ first, last uint64 }

func (w window) has(number uint64) bool { return w.first <= number && number <= w.last }

// window is the numbers of a span.
func (h *histogram) window(key uint64) window {
	first := key << h.dropped
	return window{first, first | (1<<h.dropped - 1)}
}

// found is the number of the last files that are needed.
type found struct {
	number uint64
	at     sum // all files of that number
	before sum // all files of smaller numbers
}

// find looks closer and closer at where the files from the smallest number on add up to need bytes; again adds up the
// files in a window once more. Where they no longer do, since files went meanwhile, all that was looked at last is
// needed.
func find(need int64, h *histogram, again func(window) (*histogram, error)) (found, error) {
	in := window{0, math.MaxUint64}
	for all := (sum{}); ; {
		key, before, ok := h.crossing(need - all.bytes)
		all = all.plus(before)
		if !ok {
			return found{number: in.last, before: all}, nil
		}
		if h.dropped == 0 {
			return found{key, h.spans[key], all}, nil
		}
		in = h.window(key)
		var err error
		if h, err = again(in); err != nil {
			return found{}, err
		}
	}
}
