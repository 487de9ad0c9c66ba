package lock

import (
	"fmt"
	"time"
)

// A holder that yields looks every LookEvery whether somebody asks, and stops at the end of a batch; YieldWithin is how
// long a run that asks waits for that. MaxYields is how often one run makes way; after that it keeps the lock until it
// is done, so that runs of priority high, however many come, do not keep it from ever getting there.
const (
	LookEvery   = 5 * time.Second
	YieldWithin = 90 * time.Second
	MaxYields   = 3
)

// YieldError is why a run stops: one of priority high asked for the lock.
type YieldError struct{ To Record }

func (e *YieldError) Error() string {
	return fmt.Sprintf("run %s (%s on %s) has priority high and asked for the lock of %s at %s",
		e.To.Run, e.To.Task, e.To.Host, e.To.Scope, e.To.TakenAt.UTC().Format(time.RFC3339))
}

// Waits is how long a request that asks waits for holders to yield.
func (r Request) Waits() time.Duration {
	if r.Patience > 0 {
		return r.Patience
	}
	return YieldWithin
}

// Wait is the record by which r asks those in its way to yield. It takes nothing, is never renewed, and ends with the
// wait: a run that was killed while it waited is in nobody's way for longer.
func (r Request) Wait(nonce string, now time.Time) Record {
	return Record{
		ID: fmt.Sprintf("%s/wait/%s/%s", r.Scope, r.Run, nonce), Scope: r.Scope, Nonce: nonce, Mode: r.Mode, Waiting: true,
		Run: r.Run, Task: r.Task, Host: r.Host, TakenAt: now, ExpiresAt: now.Add(r.Waits()),
	}
}

// Asking is the first of the records that asks the holder of own to yield, or nil.
func (own Record) Asking(records []Record, now time.Time) *Record {
	for i, other := range records {
		if own.Yields && other.Waiting && other.ExpiresAt.After(now) && excludes(own.Mode, other.Mode) {
			return &records[i]
		}
	}
	return nil
}
