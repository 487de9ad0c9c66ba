// Package throttle keeps a run gentle: it limits how many documents and files a second the run takes, and makes room at
// once where the database answers later than it usually does.
//
// A Throttle is asked before the next documents or files are taken, and told how long each answer took. It knows neither
// the database nor the disk, and must not decide what a run does.
package throttle

import (
	"context"
	"sync"
	"time"
)

// Limits are what a Throttle allows.
type Limits struct {
	Documents int           // read or written a second
	Files     int           // looked at, written or deleted a second
	Latency   time.Duration // that the answers of the database may take, unless they usually take longer
	Cursors   int           // that read one collection at a time
}

// Low and Normal are the limits of those levels.
var (
	Low    = Limits{Documents: 50_000, Files: 5_000, Latency: 100 * time.Millisecond, Cursors: 1}
	Normal = Limits{Documents: 250_000, Files: 25_000, Latency: 250 * time.Millisecond, Cursors: 4}
)

// Of are the limits of one of n processes that share a run, of which l are the limits. Each has a cursor at least.
func (l Limits) Of(n int) Limits {
	n = max(n, 1)
	l.Documents, l.Files, l.Cursors = max(l.Documents/n, 1), max(l.Files/n, 1), max(l.Cursors/n, 1)
	return l
}

const (
	// burst is how much may be taken at once, as a time at the allowed rate.
	burst = 100 * time.Millisecond
	// leastShare of the limits is always allowed: a run on a server that stays busy ends, too.
	leastShare = 1.0 / 16
	// recovery is how long it takes from nothing to the limits again while answers are in time.
	recovery = 20 * time.Second
	// late is how many times as long as usual an answer takes that is late.
	late = 3
)

// Throttle is shared by the goroutines of one run. A nil Throttle limits nothing.
type Throttle struct {
	limits Limits

	mu      sync.Mutex
	share   float64 // of the limits that is allowed at present
	changed time.Time
	// until when what was taken so far is enough
	documents, files time.Time
	usual            map[string]time.Duration // that an answer takes, by command
}

// New is a Throttle with these limits.
func New(l Limits) *Throttle {
	return &Throttle{limits: l, share: 1, changed: time.Now(), usual: map[string]time.Duration{}}
}

// Documents waits until so many documents more may be taken.
func (t *Throttle) Documents(ctx context.Context, n int) error {
	if t == nil {
		return nil
	}
	return t.wait(ctx, &t.documents, n, t.limits.Documents)
}

// Files waits until so many files more may be taken.
func (t *Throttle) Files(ctx context.Context, n int) error {
	if t == nil {
		return nil
	}
	return t.wait(ctx, &t.files, n, t.limits.Files)
}

// Cursors is how many cursors may read one collection now, of as many as the server bears.
func (t *Throttle) Cursors(most int) int {
	if t == nil {
		return most
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return min(most, max(int(float64(t.limits.Cursors)*t.share), 1))
}

// State is what a Throttle allows at a moment.
type State struct {
	Documents int64 // a second; 0: as many as there are
	Slowed    bool  // fewer than the limit, because the database answered late
}

// State is what is allowed now.
func (t *Throttle) State() State {
	if t == nil {
		return State{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return State{Documents: int64(t.share * float64(t.limits.Documents)), Slowed: t.share < 1}
}

func (t *Throttle) wait(ctx context.Context, until *time.Time, n, perSecond int) error {
	pause := t.take(until, n, perSecond)
	if pause <= 0 {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take counts n as taken, and says how long to wait for that.
func (t *Throttle) take(until *time.Time, n, perSecond int) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if least := now.Add(-burst); until.Before(least) {
		*until = least
	}
	*until = until.Add(time.Duration(float64(n) / (float64(perSecond) * t.share) * float64(time.Second)))
	return until.Sub(now)
}
