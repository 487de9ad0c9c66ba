package runner_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
)

// atThirdWrite calls back, on the goroutine that writes, before the third write to the library.
func atThirdWrite(do func()) func(connection.Command) {
	var writes atomic.Int32
	return func(c connection.Command) {
		if c.Name == "update" && c.Document.Lookup("update").StringValue() != mongodb.LocksCollection && writes.Add(1) == 3 {
			do()
		}
	}
}

// A run of priority low is writing, in the middle of its work, when one of priority high comes: the low one stops
// within the time that the high one waits, and goes on after it. Seen to fail when holders did not look for wishes: the
// high one was Skipped after 90 s.
func TestAHighRunMakesALowOneYieldAndTheLowOneGoesOnLater(t *testing.T) {
	t.Parallel()
	s, _ := drifted(t)
	before := wrongCounters(t, s)
	high := make(chan report.Result, 1)
	w := fullWorld()
	looked, look := context.WithCancel(t.Context())
	defer look()
	write := atThirdWrite(func() {
		go func() {
			o, w := options(s, jobspec.RebuildAlbumReferences), fullWorld()
			o.Priority, o.RunID = jobspec.PriorityHigh, "high-run"
			high <- runner.Run(t.Context(), o, w)
			look() // were nobody to look, the low run would wait for that for ever
		}()
		<-looked.Done()
	})
	w.Monitor = func(c connection.Command) {
		if c.Name == "find" && c.Document.Lookup("filter", "scope").Type != 0 && wished(t, s) {
			look() // this is the holder, and there is a wish
		}
		write(c)
	}
	low := runner.Run(t.Context(), options(s, jobspec.RebuildAllCounts), w)
	h := <-high
	if h.Outcome != report.Succeeded || h.FinishedAt.After(low.FinishedAt) {
		t.Errorf("high: %s/%s at %s: %s", h.Outcome, h.Reason, h.FinishedAt, h.Message)
	}
	if low.Outcome != report.Succeeded || len(low.Warnings) != 1 || !strings.Contains(low.Warnings[0],
		"run high-run (rebuild-album-references on here) has priority high") {
		t.Errorf("low: %s/%s: %s, warnings %q", low.Outcome, low.Reason, low.Message, low.Warnings)
	}
	if after := wrongCounters(t, s); before < 30 || after != 0 {
		t.Errorf("%d counters were wrong, and %d are", before, after)
	}
	onlyOthers(t, s)
}

// wished tells whether a run asks for the lock.
func wished(t *testing.T, s mongotest.Server) bool {
	for _, doc := range s.Documents(t, mongodb.LocksCollection) {
		if waiting, _ := doc.Lookup("waiting").BooleanOK(); waiting {
			return true
		}
	}
	return false
}

// wish stores one of a run of priority high.
func wish(t *testing.T, s mongotest.Server, run string) {
	t.Helper()
	request := lock.Request{Scope: lock.DatabaseScope(s.Name), Mode: lock.Write, Run: run, Task: jobspec.RebuildAllCounts,
		Host: "there", Asks: true}
	if _, err := s.DB.Collection(mongodb.LocksCollection).InsertOne(t.Context(),
		request.Wait("n", time.Now())); err != nil {
		t.Fatal(err)
	}
}

// The time of a run that made way is over before it has the lock back. Its work is paused, whatever bound it; only a
// signal says that somebody wants it to be tried again. Half a minute is enough for a busy machine to come to the task
// and to make way.
func TestARunThatMadeWayAndDoesNotComeBackInTimeIsPaused(t *testing.T) {
	for name, c := range map[string]struct {
		ends    func(o *jobspec.Options, w *runner.World)
		signal  bool
		outcome report.Outcome
		reason  report.Reason
		says    []string
	}{
		"by its timeout": {func(o *jobspec.Options, _ *runner.World) { o.Timeout = 30 * time.Second }, false, report.Paused,
			report.ReasonPreempted,
			[]string{"run other-run (rebuild-all-counts on there) has priority high and asked for the lock of database",
				"longer than --timeout", "the next run goes on"}},
		"by its window": {func(o *jobspec.Options, w *runner.World) {
			o.Window, w.Now = "11:00-12:00", startingAt(time.Date(2026, time.November, 25, 11, 59, 30, 0, time.UTC))
		}, false, report.Paused, report.ReasonPreempted, []string{"other-run", "closed at 12:00 UTC"}},
		"by a signal": {func(*jobspec.Options, *runner.World) {}, true, report.Failed, report.ReasonInterrupted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newLibrary(t)
			ctx, stop := context.WithCancelCause(t.Context())
			defer stop(nil)
			k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes, execute: func(ctx context.Context) (tasks.Done,
				error) {
				wish(t, s, "other-run")
				if c.signal {
					context.AfterFunc(ctx, func() { stop(runner.ErrInterrupted) })
				}
				return tasks.Done{Counts: report.Counts{"done": 7}}, untilTheEnd(ctx)
			}}
			o, w := options(s, k.name), world(k)
			c.ends(&o, &w)
			r := runner.Run(ctx, o, w)
			if r.Outcome != c.outcome || r.Reason != c.reason || r.Counts["done"] != 7 {
				t.Errorf("got %s/%s with %v: %s", r.Outcome, r.Reason, r.Counts, r.Message)
			}
			for _, says := range c.says {
				if !strings.Contains(r.Message, says) {
					t.Errorf("%q does not say %q", r.Message, says)
				}
			}
			if n := len(s.Documents(t, mongodb.LocksCollection)); n != 1 {
				t.Errorf("%d records are left, and the wish alone should be", n)
			}
		})
	}
}

// A run that waits for the library to be idle has the lock meanwhile, and gives it up as well.
func TestARunThatWaitsAtTheIdleGateMakesWay(t *testing.T) {
	t.Parallel()
	s := newLibrary(t)
	use(t, s, 0)
	k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes}
	o, w := options(s, k.name), world(k)
	o.RunOnIdleOnly, o.IdleThreshold, o.MaxIdleWait = true, time.Hour, 2*time.Hour
	var once sync.Once
	w.Monitor = func(c connection.Command) {
		switch {
		case c.Name == "find" && c.Document.Lookup("find").StringValue() == "app_activity":
			once.Do(func() { wish(t, s, "other-run") })
		case c.Name == "delete": // the run gives its lock up: the other comes, and is through at once
			if _, err := s.DB.Collection(mongodb.LocksCollection).DeleteMany(t.Context(),
				bson.D{{Key: "waiting", Value: true}}); err != nil {
				t.Error(err)
			}
			if _, err := s.DB.Collection("app_activity").DeleteMany(t.Context(), bson.D{}); err != nil {
				t.Error(err)
			}
		}
	}
	r := runner.Run(t.Context(), o, w)
	if r.Outcome != report.Succeeded || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "run other-run") {
		t.Errorf("%s/%s: %s, warnings %q", r.Outcome, r.Reason, r.Message, r.Warnings)
	}
	onlyOthers(t, s)
}

// Who may ask, and who yields, is in the records.
func TestThePriorityDecidesWhoYields(t *testing.T) {
	for priority, yields := range map[string]bool{jobspec.PriorityLow: true, jobspec.PriorityNormal: true,
		jobspec.PriorityHigh: false} {
		t.Run(priority, func(t *testing.T) {
			s := newLibrary(t)
			var seen []bool
			k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes, execute: func(context.Context) (tasks.Done,
				error) {
				for _, doc := range s.Documents(t, mongodb.LocksCollection) {
					seen = append(seen, doc.Lookup("yields").Boolean())
				}
				return tasks.Done{}, nil
			}}
			o := options(s, k.name)
			o.Priority = priority
			if r := runner.Run(t.Context(), o, world(k)); r.Outcome != report.Succeeded || !slices.Equal(seen, []bool{yields}) {
				t.Errorf("%s: %s; yields: %v", r.Outcome, r.Message, seen)
			}
		})
	}
}

// Whoever comes, a run makes way three times at most. Seen to fail when it always yielded: it then never came to its
// end.
func TestARunMakesWayThreeTimesAtMost(t *testing.T) {
	t.Parallel()
	s := newLibrary(t)
	turns := 0
	k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes, execute: func(ctx context.Context) (tasks.Done,
		error) {
		for _, doc := range s.Documents(t, mongodb.LocksCollection) {
			if !doc.Lookup("yields").Boolean() {
				return tasks.Done{}, nil
			}
		}
		turns++
		wish(t, s, "other-run")
		err := untilTheEnd(ctx)
		if _, e := s.DB.Collection(mongodb.LocksCollection).DeleteMany(context.WithoutCancel(ctx),
			bson.D{{Key: "waiting", Value: true}}); e != nil {
			t.Error(e)
		}
		return tasks.Done{}, err
	}}
	r := runner.Run(t.Context(), options(s, k.name), world(k))
	if r.Outcome != report.Succeeded || turns != lock.MaxYields || len(r.Warnings) != lock.MaxYields {
		t.Errorf("%s/%s after %d turns, warnings %q", r.Outcome, r.Reason, turns, r.Warnings)
	}
	onlyOthers(t, s)
}
