package faiss

import (
	"math"
	"slices"
	"testing"
)

func TestNormalise(t *testing.T) {
	huge, tiny := math.MaxFloat64, math.SmallestNonzeroFloat64
	for name, c := range map[string]struct {
		vector []float64
		flaw   Flaw
		unit   []float32
	}{
		"a vector is scaled to the length 1":       {[]float64{3, -4}, Sound, []float32{0.6, -0.8}},
		"the longest vectors do not overflow":      {[]float64{huge, 0}, Sound, []float32{1, 0}},
		"the shortest vectors do not vanish":       {[]float64{0, -tiny}, Sound, []float32{0, -1}},
		"a vector of length zero has no place":     {[]float64{0, 0}, Zero, nil},
		"a NaN spoils a vector":                    {[]float64{1, math.NaN()}, NotFinite, nil},
		"an infinity spoils a vector":              {[]float64{math.Inf(-1), 1}, NotFinite, nil},
		"a number too few":                         {[]float64{1}, WrongDimension, nil},
		"a number too many":                        {[]float64{1, 2, 3}, WrongDimension, nil},
		"no number at all is of a wrong dimension": {nil, WrongDimension, nil},
	} {
		t.Run(name, func(t *testing.T) {
			unit := make([]float32, 2)
			if flaw := Normalise(unit, c.vector); flaw != c.flaw {
				t.Fatalf("Normalise(%v) = %q, want %q", c.vector, flaw, c.flaw)
			}
			if c.flaw == Sound && !slices.Equal(unit, c.unit) {
				t.Errorf("Normalise(%v) gives %v, want %v", c.vector, unit, c.unit)
			}
		})
	}
}

func TestContentIsTheSameInAnyOrderAndOfNothingElse(t *testing.T) {
	list := vectors(t, 1, 20, 4)
	sum := func(list []vector) [32]byte {
		var c Content
		for _, v := range list {
			c.Add(v.id, v.unit)
		}
		return c.Sum()
	}
	want := sum(list)
	backwards := slices.Clone(list)
	slices.Reverse(backwards)
	if sum(backwards) != want {
		t.Error("another order gives another sum")
	}
	changed := slices.Clone(list)
	changed[3].unit = slices.Clone(changed[3].unit)
	changed[3].unit[0] = math.Nextafter32(changed[3].unit[0], 2)
	swapped := slices.Clone(list)
	swapped[0].id, swapped[1].id = swapped[1].id, swapped[0].id
	for what, other := range map[string][]vector{
		"a changed number": changed, "two ObjectIDs exchanged": swapped, "a vector less": list[1:],
		"a vector twice": append(slices.Clone(list), list[0]), "nothing": nil,
	} {
		if sum(other) == want {
			t.Errorf("%s gives the same sum", what)
		}
	}
}

func TestASampleIsSmallAndSpreadEvenly(t *testing.T) {
	var s sample
	for i, v := range vectors(t, 1, 1000, 2) {
		s.offer(int64(i), v.unit)
	}
	if len(s.kept) < maxSample/2 || len(s.kept) > maxSample {
		t.Fatalf("%d vectors were kept", len(s.kept))
	}
	for i, k := range s.kept {
		if k.position != int64(i)*s.stride {
			t.Errorf("the %dth kept vector is number %d, with a stride of %d", i, k.position, s.stride)
		}
	}
}
