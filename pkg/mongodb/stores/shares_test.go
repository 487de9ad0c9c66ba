package stores_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// Seen to fail when a claim replaced the document that was there, instead of inserting one.
func TestOfManyClaimsOnOneRangeOneIsFirst(t *testing.T) {
	s := mongotest.New(t)
	reader := s.Connect(t, nil).Reader()
	for round := range 5 {
		var ours atomic.Int32
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				claim := stores.ShareClaim{Range: round, Generation: 1, Holder: string(rune('a' + i)),
					Until: time.Now().Add(time.Hour)}
				_, first, err := stores.SharesOf(reader, "run").Claim(t.Context(), "scan", claim)
				if err != nil {
					t.Error(err)
				}
				if first {
					ours.Add(1)
				}
			})
		}
		if group.Wait(); ours.Load() != 1 {
			t.Errorf("%d processes have the range", ours.Load())
		}
	}
}

func TestAClaimThatIsRepeatedIsStillOnesOwn(t *testing.T) {
	shares := stores.SharesOf(mongotest.New(t).Connect(t, nil).Reader(), "run")
	claim := stores.ShareClaim{Range: 1, Generation: 1, Holder: "a"}
	for range 2 {
		if _, ours, err := shares.Claim(t.Context(), "scan", claim); err != nil || !ours {
			t.Errorf("ours: %t, %v", ours, err)
		}
	}
}

// A process whose claim has expired ends after all, beside the one that took its range over: what counts is all of one
// of them. Seen to fail where both stored their chunks under the same names.
func TestOfARangeThatWasReadTwiceOneReadingCounts(t *testing.T) {
	slow := stores.ShareClaim{Range: 0, Generation: 1, Holder: "slow"}
	quick := stores.ShareClaim{Range: 0, Generation: 2, Holder: "quick"}
	chunks := map[string][]string{"slow": {"slow 1"}, "quick": {"quick 1", "quick 2"}}
	for name, c := range map[string]struct {
		stores, finishes []stores.ShareClaim
		want             []string
	}{
		"the one that took over is first": {[]stores.ShareClaim{slow, quick}, []stores.ShareClaim{quick, slow},
			chunks["quick"]},
		"the one whose claim is over is first": {[]stores.ShareClaim{quick, slow}, []stores.ShareClaim{slow, quick},
			chunks["slow"]},
	} {
		t.Run(name, func(t *testing.T) {
			shares := stores.SharesOf(mongotest.New(t).Connect(t, nil).Reader(), "run/1")
			for _, claim := range c.stores {
				for n, chunk := range chunks[claim.Holder] {
					if err := shares.SaveChunk(t.Context(), "scan", claim, n, []byte(chunk)); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, claim := range c.finishes {
				if err := shares.Finish(t.Context(), "scan", claim, len(chunks[claim.Holder]), 7); err != nil {
					t.Fatal(err)
				}
			}
			if got := found(t, shares); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// found are the chunks of all ranges.
func found(t *testing.T, shares *stores.Shares) (all []string) {
	t.Helper()
	done, err := shares.Done(t.Context(), "scan")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range done {
		err := shares.Chunks(t.Context(), "scan", d, func(chunk []byte) error {
			all = append(all, string(chunk))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Seen to fail where the runs were told apart by the beginning of their names alone.
func TestARunForgetsItsOwnSharesOnly(t *testing.T) {
	s := mongotest.New(t)
	reader := s.Connect(t, nil).Reader()
	for _, run := range []string{"run", "run-2", "run/scan"} {
		shares := stores.SharesOf(reader, run)
		if err := shares.Announce(t.Context(), "scan"); err != nil {
			t.Fatal(err)
		}
		if err := shares.SavePlan(t.Context(), "scan", stores.SharePlan{Collection: run, Ranges: make([]mongodb.Range,
			2)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := stores.SharesOf(reader, "run").End(t.Context()); err != nil {
		t.Fatal(err)
	}
	for run, want := range map[string]stores.ShareState{
		"run": stores.ShareEnded, "run-2": stores.ShareUnderWay, "run/scan": stores.ShareUnderWay,
		"other": stores.ShareNotBegun,
	} {
		shares := stores.SharesOf(reader, run)
		_, state, err := shares.Announced(t.Context())
		plan, there, planErr := shares.Plan(t.Context(), "scan")
		if err != nil || planErr != nil || state != want || there != (want == stores.ShareUnderWay) {
			t.Errorf("%s is %d, and has a plan: %t (%v, %v)", run, state, there, err, planErr)
		}
		if there && (plan.Collection != run || len(plan.Ranges) != 2) {
			t.Errorf("%s has the plan %+v", run, plan)
		}
	}
	if err := stores.SharesOf(reader, "other").ClearBefore(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := s.Documents(t, mongodb.CheckpointsCollection); len(left) > 0 {
		t.Errorf("what was left behind stays: %d documents", len(left))
	}
}
