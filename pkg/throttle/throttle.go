// Package throttle keeps a run gentle: it limits how many documents and files a second the run takes, and makes room at
// once where the database answers later than it usually does.
//
// A Throttle is asked before the next documents or files are taken, and told how long each answer took. It knows
// neither the database nor the disk, and must not decide what a run does.
package throttle

import (
	"context"
	"sync"
	"time"
)

// Limits are what a Throttle allows. What is 0 is not limited.
type Limits struct {
	Documents int           // read or written a second
	Files     int           // looked at, written or deleted a second
	Latency   time.Duration // that the answers of the database may take, unless they usually take longer
	Cursors   int           // that read one collection at a time
}

// Off, Low and Normal are the limits of those levels.
var (
	Off    = Limits{}
	Low    = Limits{Documents: 50_000, Files: 5_000, Latency: 100 * time.Millisecond, Cursors: 1}
	Normal = Limits{Documents: 250_000, Files: 25_000, Latency: 250 * time.Millisecond, Cursors: 4}
)

// Of are the limits of one of n processes that share a run, of which l are the limits. Each has a cursor at least.
func (l Limits) Of(n int) Limits {
	part := func(all int) int {
		if all == 0 {
			return 0 // which is not limited
		}
		return max(all/max(n, 1), 1)
	}
	l.Documents, l.Files, l.Cursors = part(l.Documents), part(l.Files), part(l.Cursors)
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
	mu       sync.Mutex
	limits   Limits
	replaced chan struct{} // closed when the limits are
	share    float64       // of the limits that is allowed at present
	changed  time.Time
	// until when what was taken so far is enough
	documents, files time.Time
	usual            map[string]time.Duration // that an answer takes, by command
	late             Late                     // the last one
}

// Late is an answer of the database that took too long, and how long such an answer usually takes.
type Late struct{ Took, Usual time.Duration }

// New is a Throttle with these limits.
func New(l Limits) *Throttle {
	return &Throttle{limits: l, replaced: make(chan struct{}), share: 1, changed: time.Now(),
		usual: map[string]time.Duration{}}
}

// Replace puts other limits in the place of those so far. Whoever waits goes on at once; what is known of the database
// stays known.
func (t *Throttle) Replace(l Limits) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l == t.limits {
		return
	}
	t.limits, t.documents, t.files = l, time.Time{}, time.Time{}
	close(t.replaced)
	t.replaced = make(chan struct{})
}

// Documents waits until so many documents more may be taken.
func (t *Throttle) Documents(ctx context.Context, n int) error {
	if t == nil {
		return nil
	}
	return t.wait(ctx, n, &t.documents, func(l Limits) int { return l.Documents })
}

// Files waits until so many files more may be taken.
func (t *Throttle) Files(ctx context.Context, n int) error {
	if t == nil {
		return nil
	}
	return t.wait(ctx, n, &t.files, func(l Limits) int { return l.Files })
}

// Cursors is how many cursors may read one collection now, of as many as the server bears.
func (t *Throttle) Cursors(most int) int {
	if t == nil {
		return most
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limits.Cursors == 0 {
		return most
	}
	return min(most, max(int(float64(t.limits.Cursors)*t.share), 1))
}

// State is what a Throttle allows at a moment.
type State struct {
	Documents, Files int64 // a second; 0: as many as there are
	// Slowed are fewer than the limits, because of Late.
	Slowed bool
	Late   Late
}

// State is what is allowed now.
func (t *Throttle) State() State {
	if t == nil {
		return State{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := State{Documents: int64(t.share * float64(t.limits.Documents)), Files: int64(t.share * float64(t.limits.Files))}
	if t.limits != Off && t.share < 1 {
		s.Slowed, s.Late = true, t.late
	}
	return s
}

func (t *Throttle) wait(ctx context.Context, n int, until *time.Time, of func(Limits) int) error {
	pause, replaced := t.take(n, until, of)
	if pause <= 0 {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-replaced:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take counts n as taken, and says how long to wait for that, unless the limits are replaced.
func (t *Throttle) take(n int, until *time.Time, of func(Limits) int) (pause time.Duration, replaced <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	perSecond := of(t.limits)
	if perSecond == 0 {
		return 0, nil
	}
	now := time.Now()
	if least := now.Add(-burst); until.Before(least) {
		*until = least
	}
	*until = until.Add(time.Duration(float64(n) / (float64(perSecond) * t.share) * float64(time.Second)))
	return until.Sub(now), t.replaced
}
