package throttle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

var limits = Limits{Documents: 1000, Files: 100, Latency: 100 * time.Millisecond, Cursors: 4}

// took is how long something takes in a bubble, in which time passes only while everything waits.
func took(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

func take(t *testing.T, of func(context.Context, int) error, n, times int) func() {
	t.Helper()
	return func() {
		for range times {
			if err := of(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestARunTakesNoMoreThanItsLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			of   func(*Throttle) func(context.Context, int) error
			n    int
			want time.Duration
		}{
			"documents": {func(t *Throttle) func(context.Context, int) error { return t.Documents }, 10, time.Second - burst},
			"files":     {func(t *Throttle) func(context.Context, int) error { return t.Files }, 1, time.Second - burst},
		} {
			if got := took(take(t, c.of(New(limits)), c.n, 100)); got != c.want {
				t.Errorf("%s: it took %s, want %s", name, got, c.want)
			}
		}
	})
}

func TestWhatWasNotTakenIsNotSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(limits)
		time.Sleep(time.Hour)
		if got := took(take(t, throttle.Documents, 1000, 1)); got != time.Second-burst {
			t.Errorf("it took %s", got)
		}
	})
}

// answer has the database answer so often, in so long each.
func answer(throttle *Throttle, times int, each time.Duration) {
	for range times {
		time.Sleep(each)
		throttle.Answered("getMore", each)
	}
}

func TestALateAnswerMakesRoomAtOnce(t *testing.T) {
	const usual = 20 * time.Millisecond
	for name, c := range map[string]struct {
		usual, then time.Duration
		times       int
		share       float64
	}{
		"in time":                              {usual, usual, 1, 1},
		"below the limit":                      {usual, 90 * time.Millisecond, 1, 1},
		"late once":                            {usual, 150 * time.Millisecond, 1, 0.5},
		"late twice":                           {usual, 150 * time.Millisecond, 2, 0.25},
		"late for a while":                     {usual, 150 * time.Millisecond, 10, leastShare},
		"a server that always takes so long":   {150 * time.Millisecond, 200 * time.Millisecond, 10, 1},
		"a slow server that becomes slower":    {150 * time.Millisecond, 600 * time.Millisecond, 1, 0.5},
		"a server that stays slower for hours": {usual, 150 * time.Millisecond, 10_000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				throttle := New(limits)
				answer(throttle, 100, c.usual)
				answer(throttle, c.times, c.then)
				if throttle.share != c.share {
					t.Errorf("%v of the limits is allowed, want %v", throttle.share, c.share)
				}
				want := State{Documents: int64(c.share * 1000), Files: int64(c.share * 100), Slowed: c.share < 1}
				got := throttle.State()
				if late := got.Late; late.Took != 0 && (late.Took != c.then || late.Usual < c.usual) ||
					want.Slowed != (late.Took != 0) {
					t.Errorf("the last late answer: %+v", late)
				}
				if got.Late = (Late{}); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
				if got, want := throttle.Cursors(8), max(int(4*c.share), 1); got != want {
					t.Errorf("%d cursors, want %d", got, want)
				}
			})
		})
	}
}

func TestAfterALateAnswerARunWaitsAsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(limits)
		answer(throttle, 100, 20*time.Millisecond)
		answer(throttle, 1, 400*time.Millisecond)
		if got := took(take(t, throttle.Documents, 1, 1)); got < 400*time.Millisecond {
			t.Errorf("the next document was taken after %s", got)
		}
	})
}

func TestWhatIsAllowedGrowsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(limits)
		answer(throttle, 100, 20*time.Millisecond)
		answer(throttle, 10, 400*time.Millisecond)
		before := throttle.State()
		answer(throttle, int(recovery/(40*time.Millisecond)), 20*time.Millisecond)
		if half := throttle.State(); half.Documents <= before.Documents || !half.Slowed {
			t.Errorf("half the time later it is %+v, before %+v", half, before)
		}
		answer(throttle, int(recovery/(20*time.Millisecond)), 20*time.Millisecond)
		if throttle.State() != (State{Documents: 1000, Files: 100}) {
			t.Errorf("in the end it is %+v", throttle.State())
		}
	})
}

func TestOnlyAnswersThatCompareAreJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(limits)
		for _, command := range []string{"aggregate", "count", "compact", "createIndexes", "find"} {
			throttle.Answered(command, time.Millisecond)
			throttle.Answered(command, time.Hour)
		}
		answer(throttle, 1, time.Millisecond)
		throttle.Answered("update", time.Hour) // the first of its kind says what is usual
		if throttle.State().Slowed {
			t.Error("it makes room")
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("stop")
		cancel(stop)
		if err := New(limits).Documents(ctx, 1_000_000); !errors.Is(err, stop) {
			t.Error(err)
		}
	})
}

func TestNoThrottleLimitsNothing(t *testing.T) {
	for name, throttle := range map[string]*Throttle{"none": nil, "off": New(Off)} {
		for range 10 {
			throttle.Answered("getMore", time.Millisecond)
			throttle.Answered("getMore", time.Hour)
		}
		err := errors.Join(throttle.Documents(t.Context(), 1<<40), throttle.Files(t.Context(), 1<<40))
		if err != nil || throttle.Cursors(8) != 8 || throttle.State() != (State{}) {
			t.Error(name, err)
		}
	}
}

// Seen to fail when a wait went on to its end, and when what was taken under the old limits was paid for.
func TestOtherLimitsHoldAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		to   Limits
		want time.Duration // for a thousand documents more
	}{
		"no limits": {Off, 0},
		"ten times": {Limits{Documents: 10_000}, 0},
		"a tenth":   {Limits{Documents: 100}, 10*time.Second - burst},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				throttle := New(limits)
				waits := make(chan time.Duration)
				go func() { waits <- took(take(t, throttle.Documents, 100_000, 1)) }()
				time.Sleep(time.Second)
				throttle.Replace(c.to)
				if waited := <-waits; waited != time.Second {
					t.Errorf("it waited %s", waited)
				}
				if got := took(take(t, throttle.Documents, 1000, 1)); got != c.want {
					t.Errorf("then it took %s, want %s", got, c.want)
				}
			})
		})
	}
}

// What is usual was learned before there was a limit.
func TestALimitKnowsWhatWasUsualBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := New(Off)
		answer(throttle, 100, 20*time.Millisecond)
		throttle.Replace(limits)
		answer(throttle, 1, 400*time.Millisecond)
		if s := throttle.State(); !s.Slowed || s.Documents != 500 {
			t.Errorf("%+v", s)
		}
	})
}

func TestTheDocumentsSayWhatALevelAllows(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(tooltest.Root(), "docs", "scheduling.md"))
	if err != nil {
		t.Fatal(err)
	}
	cursors := map[int]string{1: "one cursor", 4: "four cursors"}
	for name, l := range map[string]Limits{"Low": Low, "Normal": Normal} {
		row := fmt.Sprintf("| `%s` | at most %d,000 documents and %d,000 files a second, and %s on a collection; answers "+
			"may take %d ms |",
			name, l.Documents/1000, l.Files/1000, cursors[l.Cursors], l.Latency.Milliseconds())
		if !strings.Contains(string(text), row) {
			t.Errorf("docs/scheduling.md does not say %q", row)
		}
	}
}
