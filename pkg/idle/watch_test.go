package idle

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// until is a Source that says one thing, and another from then on.
func until(then time.Time, first, later Source) Source {
	return func(ctx context.Context, now time.Time) (Signal, error) {
		if now.Before(then) {
			return first(ctx, now)
		}
		return later(ctx, now)
	}
}

func TestWatch(t *testing.T) {
	gate := Gate{Threshold: 5 * time.Minute, MaxWait: 30 * time.Minute}
	short := Gate{Threshold: time.Second, MaxWait: time.Minute}
	away := func(context.Context, time.Time) (Signal, error) { return Signal{}, errors.New("away") }
	for name, c := range map[string]struct {
		gate    Gate
		source  func(began time.Time) Source
		stopped time.Duration
		why     string // empty: it watches until the run ends
	}{
		"idle all the time":     {gate, func(time.Time) Source { return says(idleNow) }, time.Hour, ""},
		"nobody knows anything": {gate, func(time.Time) Source { return says(unknown) }, time.Hour, ""},
		"an old record": {gate, func(began time.Time) Source {
			return heartbeat(began,
				[]time.Duration{-5 * time.Minute})
		}, time.Hour, ""},
		"in use again by a record": {gate, func(began time.Time) Source {
			return heartbeat(began, []time.Duration{-time.Hour,
				65 * time.Second})
		}, 70 * time.Second, "last at"},
		"in use, and shown late": {short, func(began time.Time) Source {
			return until(began.Add(60500*time.Millisecond), heartbeat(began, []time.Duration{-time.Hour}),
				heartbeat(began, []time.Duration{59 * time.Second}))
		}, 61 * time.Second, "last at"},
		"busy again by a probe": {gate, func(began time.Time) Source {
			return until(began.Add(31*time.Second),
				says(idleNow), says(busyNow))
		}, 40 * time.Second, "somebody looks at photos"},
		"broken for good": {gate, func(began time.Time) Source {
			return until(began.Add(31*time.Second),
				says(idleNow), says(noIdea))
		}, time.Minute, "the probe is broken"},
		"one answer is lost": {gate, func(began time.Time) Source {
			return until(began.Add(15*time.Second),
				says(noIdea), says(idleNow))
		}, time.Hour, ""},
		"the database is away": {gate, func(time.Time) Source { return away }, time.Hour, ""},
		"away, then back, and busy": {gate, func(began time.Time) Source {
			return until(began.Add(time.Minute), away,
				says(busyNow))
		}, time.Minute, "somebody looks at photos"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := c.gate.Watch(ctx, []Source{says(idleNow), c.source(began)}, time.Now)
				var returned *ReturnedError
				switch {
				case errors.As(err, &returned) != (c.why != ""):
					t.Errorf("got %v", err)
				case returned != nil && !strings.Contains(returned.Error(), c.why):
					t.Errorf("%q does not say %q", returned, c.why)
				}
				if stopped := time.Since(began); stopped != c.stopped {
					t.Errorf("it stopped after %s, want %s", stopped, c.stopped)
				}
			})
		})
	}
}
