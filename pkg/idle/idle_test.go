package idle

import (
	"context"
	"errors"
	"strings"
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
		"idle for long: it opens at once": {gate, []time.Duration{-time.Hour}, 0, false},
		"idle for exactly long enough":    {gate, []time.Duration{-5 * time.Minute}, 0, false},
		"used a moment ago: it waits for the rest": {gate, []time.Duration{-90 * time.Second},
			210 * time.Second, false},
		"used again meanwhile: it waits for that, too": {gate, []time.Duration{-2 * time.Minute, 150 * time.Second},
			450 * time.Second, false},
		"used in the future, by a clock that is wrong": {gate, []time.Duration{10 * time.Minute}, 15 * time.Minute,
			false},
		"it cannot become idle in time: it says so at once": {Gate{5 * time.Minute, time.Minute},
			[]time.Duration{-time.Minute}, 0, true},
		"no waiting at all": {Gate{5 * time.Minute, 0}, []time.Duration{-time.Minute}, 0, true},
		"used until the end: it gives up as soon as it is hopeless": {gate, every(4*time.Minute, time.Hour), 28 * time.Minute,
			true},
		"no threshold": {Gate{0, 0}, []time.Duration{0}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var told []string
				tell := func(why string) { told = append(told, why) }
				known, err := c.gate.Wait(t.Context(), []Source{heartbeat(began, c.used)}, time.Now, tell)
				var busy *BusyError
				if !known || errors.As(err, &busy) != c.busy || err != nil && !c.busy {
					t.Errorf("known %v, error %v; want busy %v", known, err, c.busy)
				}
				if waited := time.Since(began); waited != c.waited {
					t.Errorf("waited %s, want %s", waited, c.waited)
				}
				once := len(told) == 1 && strings.Contains(told[0], "in use at")
				if once != (c.waited > 0) || len(told) > 1 {
					t.Errorf("it waits for %s and says %q", c.waited, told)
				}
			})
		})
	}
}

// silent is for a wait of which nobody is told.
func silent(string) {}

func every(period, until time.Duration) (times []time.Duration) {
	for at := time.Duration(0); at < until; at += period {
		times = append(times, at)
	}
	return times
}

// heartbeat is a Source for which the library is used at certain times; one in the future is seen from the beginning if
// it is the only one.
func heartbeat(began time.Time, used []time.Duration) Source {
	return func(context.Context, time.Time) (Signal, error) {
		last := began.Add(used[0])
		for _, at := range used {
			if at := began.Add(at); at.After(last) && !at.After(time.Now()) {
				last = at
			}
		}
		return Signal{Known: true, Last: last}, nil
	}
}

// says is a Source that always says the same.
func says(signal Signal) Source {
	return func(context.Context, time.Time) (Signal, error) { return signal, nil }
}

// busyUntil is a Source without a record.
func busyUntil(end time.Time, signal Signal) Source {
	return func(_ context.Context, now time.Time) (Signal, error) {
		if now.Before(end) {
			return signal, nil
		}
		return Signal{Known: true}, nil
	}
}

var (
	unknown = Signal{}
	idleNow = Signal{Known: true}
	busyNow = Signal{Known: true, Busy: "somebody looks at photos"}
	noIdea  = Signal{Known: true, Broken: true, Busy: "the probe is broken"}
)

// Each source can keep the gate shut, and one without a record must be seen idle for the whole threshold. Seen to fail,
// the second, when a probe that says idle now opened the gate at once.
func TestAnyOneThatSaysBusyIsRight(t *testing.T) {
	gate := Gate{Threshold: 5 * time.Minute, MaxWait: 30 * time.Minute}
	for name, c := range map[string]struct {
		gate    Gate
		sources func(began time.Time) []Source
		waited  time.Duration
		why     string // empty: it opens
	}{
		"idle for long by its record, and now by the probe": {gate, func(began time.Time) []Source {
			return []Source{heartbeat(began, []time.Duration{-time.Hour}), says(idleNow)}
		}, 5 * time.Minute, ""},
		"the probe alone": {gate, func(time.Time) []Source { return []Source{says(unknown), says(idleNow)} }, 5 * time.Minute,
			""},
		"busy by one of three": {gate, func(began time.Time) []Source {
			return []Source{heartbeat(began, []time.Duration{-time.Hour}), says(idleNow), says(busyNow)}
		}, 25*time.Minute + 10*time.Second, "somebody looks at photos"},
		"busy for a while": {gate, func(began time.Time) []Source {
			return []Source{says(idleNow), busyUntil(began.Add(2*time.Minute+time.Second), busyNow)}
		}, 7 * time.Minute, ""},
		"used by its record meanwhile": {gate, func(began time.Time) []Source {
			return []Source{says(idleNow), heartbeat(began, []time.Duration{-time.Hour, 4 * time.Minute})}
		}, 9 * time.Minute, ""},
		"nobody can tell: that is busy": {gate, func(time.Time) []Source { return []Source{says(noIdea)} },
			25*time.Minute + 10*time.Second, "the probe is broken"},
		"busy, and no time to wait": {Gate{5 * time.Minute, 0},
			func(time.Time) []Source { return []Source{says(busyNow)} }, 0, "somebody looks at photos"},
		"busy, and no threshold": {Gate{0, time.Minute},
			func(time.Time) []Source { return []Source{says(busyNow)} }, time.Minute, "somebody looks at photos"},
		"it cannot be watched for so long": {Gate{time.Hour, time.Minute},
			func(time.Time) []Source { return []Source{says(idleNow)} }, 0, "watched only since"},
		"a record of long ago, without probes": {Gate{time.Hour, 0},
			func(began time.Time) []Source { return []Source{heartbeat(began, []time.Duration{-2 * time.Hour})} }, 0, ""},
		"watched for exactly as long as allowed": {Gate{time.Minute, time.Minute},
			func(time.Time) []Source { return []Source{says(idleNow)} }, time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				known, err := c.gate.Wait(t.Context(), c.sources(began), time.Now, silent)
				var busy *BusyError
				switch {
				case !known, errors.As(err, &busy) != (c.why != ""):
					t.Errorf("known %v, error %v", known, err)
				case busy != nil && !strings.Contains(busy.Error(), c.why):
					t.Errorf("%q does not say %q", busy, c.why)
				}
				if waited := time.Since(began); waited != c.waited {
					t.Errorf("waited %s, want %s", waited, c.waited)
				}
			})
		})
	}
}

func TestAGateThatNobodyEverOpensIsOpen(t *testing.T) {
	for _, sources := range [][]Source{nil, {says(unknown)}, {says(unknown), says(unknown)}} {
		if known, err := (Gate{time.Hour, 0}).Wait(t.Context(), sources, time.Now, silent); known || err != nil {
			t.Errorf("known %v, error %v", known, err)
		}
	}
}

func TestAnErrorOfTheSourceEndsTheWait(t *testing.T) {
	broken := errors.New("broken")
	_, err := Gate{time.Hour, time.Hour}.Wait(t.Context(), []Source{func(context.Context, time.Time) (Signal,
		error) {
		return Signal{}, broken
	}}, time.Now, silent)
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
		_, err := Gate{time.Hour, 2 * time.Hour}.Wait(ctx, []Source{heartbeat(began, []time.Duration{0})}, time.Now, silent)
		if !errors.Is(err, told) || time.Since(began) != 10*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
