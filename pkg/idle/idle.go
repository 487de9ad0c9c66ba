// Package idle is the idle gate: a run that asks for it begins only when nobody has used the library for some time. It is pure
// but for the waiting; who knows when the library was last used is a Source.
package idle

import (
	"context"
	"fmt"
	"time"
)

// Source tells when the library was last used; known is false where nothing there keeps a record of it.
type Source func(ctx context.Context) (last time.Time, known bool, err error)

// Gate is what to wait for.
type Gate struct {
	Threshold time.Duration // how long the library must have been idle
	MaxWait   time.Duration // how long to wait for that
}

// BusyError says that the library stayed in use.
type BusyError struct {
	Last time.Time
	Gate Gate
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("the library was in use at %s: it must be idle for %s, and a run waits for that for at most %s",
		e.Last.UTC().Format(time.RFC3339), e.Gate.Threshold, e.Gate.MaxWait)
}

// Wait returns when the library has been idle for long enough, or *BusyError after MaxWait. Known is false where no source
// knows of any use: the gate then is open, since a gate that nothing ever opens would stop maintenance for good.
func (g Gate) Wait(ctx context.Context, used Source, now func() time.Time) (known bool, err error) {
	began := now()
	for {
		last, known, err := used(ctx)
		if err != nil || !known {
			return known, err
		}
		left := g.left(last, now())
		if left <= 0 {
			return true, nil
		}
		if now().Sub(began)+left > g.MaxWait {
			return true, &BusyError{Last: last, Gate: g}
		}
		select {
		case <-ctx.Done():
			return true, context.Cause(ctx)
		case <-time.After(min(left, time.Minute)):
		}
	}
}

// left is how long the library must stay idle still.
func (g Gate) left(last, now time.Time) time.Duration { return g.Threshold - now.Sub(last) }
