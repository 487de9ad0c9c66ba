package idle

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWait(t *testing.T) {
	gate := Gate{Threshold: 5 * time.Minute, MaxWait: 30 * time.Minute}
	for name, c := range map[string]struct {
		gate   Gate
		used   []time.Duration // when the library is used, counted from the beginning of the wait
		waited time.Duration
		busy   bool
	}{
		"idle for long: it opens at once":                           {gate, []time.Duration{-time.Hour}, 0, false},
		"idle for exactly long enough":                              {gate, []time.Duration{-5 * time.Minute}, 0, false},
		"used a moment ago: it waits for the rest":                  {gate, []time.Duration{-90 * time.Second}, 210 * time.Second, false},
		"used again meanwhile: it waits for that, too":              {gate, []time.Duration{-2 * time.Minute, 150 * time.Second}, 450 * time.Second, false},
		"used in the future, by a clock that is wrong":              {gate, []time.Duration{10 * time.Minute}, 15 * time.Minute, false},
		"it cannot become idle in time: it says so at once":         {Gate{5 * time.Minute, time.Minute}, []time.Duration{-time.Minute}, 0, true},
		"no waiting at all":                                         {Gate{5 * time.Minute, 0}, []time.Duration{-time.Minute}, 0, true},
		"used until the end: it gives up as soon as it is hopeless": {gate, every(4*time.Minute, time.Hour), 28 * time.Minute, true},
		"no threshold": {Gate{0, 0}, []time.Duration{0}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				known, err := c.gate.Wait(t.Context(), heartbeat(began, c.used), time.Now)
				var busy *BusyError
				if !known || errors.As(err, &busy) != c.busy || err != nil && !c.busy {
					t.Errorf("known %v, error %v; want busy %v", known, err, c.busy)
				}
				if waited := time.Since(began); waited != c.waited {
					t.Errorf("waited %s, want %s", waited, c.waited)
				}
			})
		})
	}
}

func every(period, until time.Duration) (times []time.Duration) {
	for at := time.Duration(0); at < until; at += period {
		times = append(times, at)
	}
	return times
}

// heartbeat is a Source for which the library is used at certain times; one in the future is seen from the beginning if it is the only
// one.
func heartbeat(began time.Time, used []time.Duration) Source {
	return func(context.Context) (time.Time, bool, error) {
		last := began.Add(used[0])
		for _, at := range used {
			if at := began.Add(at); at.After(last) && !at.After(time.Now()) {
				last = at
			}
		}
		return last, true, nil
	}
}

func TestAGateThatNobodyEverOpensIsOpen(t *testing.T) {
	known, err := Gate{time.Hour, 0}.Wait(t.Context(), func(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil }, time.Now)
	if known || err != nil {
		t.Errorf("known %v, error %v", known, err)
	}
}

func TestAnErrorOfTheSourceEndsTheWait(t *testing.T) {
	broken := errors.New("broken")
	_, err := Gate{time.Hour, time.Hour}.Wait(t.Context(), func(context.Context) (time.Time, bool, error) { return time.Time{}, false, broken }, time.Now)
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestTheEndOfTheRunEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := errors.New("told to stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(told) })
		began := time.Now()
		_, err := Gate{time.Hour, 2 * time.Hour}.Wait(ctx, heartbeat(began, []time.Duration{0}), time.Now)
		if !errors.Is(err, told) || time.Since(began) != 10*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
