// Package idle is the idle gate: a run that asks for it begins only when nobody has used the library for some time, and
// stops when somebody uses it again. Who can tell is a Source; any one that says busy is right.
//
// What cannot be found out counts as busy: a probe that is broken opens no gate. The package decides no outcome, and
// must never print more of an address than its host and path.
package idle

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Source looks at the library once. An error ends the wait: it is one that the run itself would meet.
type Source func(ctx context.Context, now time.Time) (Signal, error)

// Signal is what a source has to say.
type Signal struct {
	// Known is false where nothing there tells.
	Known bool
	// Last is when the library was last used, where the source keeps a record of that. One without a record must have been
	// seen idle for as long as the threshold.
	Last time.Time
	// By is what tells of the last use, such as "a document of tasks"; empty: nobody said.
	By string
	// Busy is why the library counts as in use now, as a part of a sentence; empty: it does not. Broken: because nobody
	// can tell.
	Busy   string
	Broken bool
}

// LookEvery is how often sources are asked, and where the threshold is shorter, it is that.
const LookEvery = 10 * time.Second

// Gate is what to wait for.
type Gate struct {
	Threshold time.Duration // how long the library must have been idle
	MaxWait   time.Duration // how long to wait for that
}

// BusyError says that the library stayed in use.
type BusyError struct {
	Why  string // the last reason, as a part of a sentence
	Gate Gate
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s: the library must be idle for %s, and a run waits for that for at most %s", e.Why,
		e.Gate.Threshold, e.Gate.MaxWait)
}

// Wait returns when the library has been idle for long enough, or *BusyError when that cannot come within MaxWait.
// Known is false where no source knows of any use: the gate then is open, since a gate that nothing ever opens would
// stop maintenance for good.
//
// Waiting is called once, as soon as it is clear that the gate must wait, with the reason as a part of a sentence.
func (g Gate) Wait(
	ctx context.Context, sources []Source, now func() time.Time, waiting func(why string),
) (known bool, err error) {
	seen := record{began: now()}
	tell := sync.OnceFunc(func() { waiting(seen.why) })
	for {
		signals, err := look(ctx, sources, now())
		if err != nil {
			return true, err
		}
		at := now()
		if seen = seen.with(signals, at); !seen.known {
			return false, nil
		}
		left := g.left(seen, at)
		if left <= 0 {
			return true, nil
		}
		if at.Sub(seen.began)+left > g.MaxWait {
			return true, &BusyError{Why: seen.why, Gate: g}
		}
		tell()
		if err := sleep(ctx, min(left, g.every())); err != nil {
			return true, err
		}
	}
}

func look(ctx context.Context, sources []Source, now time.Time) (signals []Signal, err error) {
	for _, source := range sources {
		signal, err := source(ctx, now)
		if err != nil {
			return nil, err
		}
		signals = append(signals, signal)
	}
	return signals, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

func (g Gate) every() time.Duration { return min(LookEvery, max(g.Threshold, time.Second)) }

// left is how long the library must stay idle still.
func (g Gate) left(seen record, now time.Time) time.Duration {
	left := g.Threshold - now.Sub(seen.last)
	if seen.busy { // with no threshold, too
		left = max(left, g.every())
	}
	return left
}

// record is what was seen of the library up to the last look.
type record struct {
	began time.Time // of the first look
	known bool      // some source could tell
	busy  bool      // at the last look
	last  time.Time // when it was in use, for all that is known
	why   string    // what tells so
}

// with is r after another look.
func (r record) with(signals []Signal, now time.Time) record {
	r.known, r.busy = false, false
	for _, s := range signals {
		switch {
		case s.Busy != "":
			r.known, r.busy = true, true
			r.last, r.why = now, s.Busy
		case s.Known && !s.Last.IsZero():
			r.known = true
			r = r.atLeast(s.Last, s.lastUse())
		case s.Known:
			r.known = true
			r = r.atLeast(r.began, "the library has been watched only since "+r.began.UTC().Format(time.RFC3339))
		}
	}
	return r
}

func (r record) atLeast(last time.Time, why string) record {
	if last.After(r.last) {
		r.last, r.why = last, why
	}
	return r
}

// lastUse says when the library was in use, and what tells so.
func (s Signal) lastUse() string {
	text := "the library was in use at " + s.Last.UTC().Format(time.RFC3339)
	if s.By != "" {
		text += " (" + s.By + " changed then)"
	}
	return text
}
