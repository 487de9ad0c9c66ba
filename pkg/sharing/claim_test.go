package sharing

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

func TestWhichRangesAreFree(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	alive, over := now.Add(time.Second), now.Add(-time.Second)
	for name, c := range map[string]struct {
		claims []stores.ShareClaim
		done   []stores.ShareDone
		want   map[int]int // the generation of the next claim, by range
	}{
		"all at first": {nil, nil, map[int]int{0: 1, 1: 1}},
		"not one that is claimed": {[]stores.ShareClaim{{Range: 0, Generation: 1, Until: alive}}, nil,
			map[int]int{1: 1}},
		"one whose claim is over": {[]stores.ShareClaim{{Range: 0, Generation: 1, Until: over}}, nil,
			map[int]int{0: 2, 1: 1}},
		"one whose claim ends this moment": {[]stores.ShareClaim{{Range: 0, Generation: 1, Until: now}}, nil,
			map[int]int{0: 2, 1: 1}},
		"not one that was taken over": {[]stores.ShareClaim{{Range: 0, Generation: 2, Until: alive},
			{Range: 0, Generation: 1, Until: over}}, nil, map[int]int{1: 1}},
		"one that was taken over by who is late": {[]stores.ShareClaim{{Range: 1, Generation: 3, Until: over},
			{Range: 1, Generation: 2, Until: over}}, nil, map[int]int{0: 1, 1: 4}},
		"not one that was read": {[]stores.ShareClaim{{Range: 1, Generation: 1, Until: over}},
			[]stores.ShareDone{{Range: 1}}, map[int]int{0: 1}},
		"none where all were read": {nil, []stores.ShareDone{{Range: 1}, {Range: 0}}, map[int]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, freeRanges(2, c.claims, c.done, now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestProcessesBeginAtDifferentRanges(t *testing.T) {
	free := map[int]int{}
	for i := range 8 {
		free[i] = 1
	}
	for index, want := range []int{0, 2, 4, 6} {
		s := (&Team{Index: index, Size: 4}).scan("s", stores.SharePlan{Ranges: make([]mongodb.Range, 8)}, nil)
		if got := s.first(free); got != want {
			t.Errorf("process %d begins at %d, want %d", index, got, want)
		}
	}
	last := (&Team{Index: 3, Size: 4}).scan("s", stores.SharePlan{Ranges: make([]mongodb.Range, 8)}, nil)
	if got := last.first(map[int]int{1: 1}); got != 1 {
		t.Errorf("of one range that is free it takes %d", got)
	}
}
