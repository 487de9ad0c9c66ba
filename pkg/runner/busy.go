package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/idle"
	"ucorefs.io/maintenance/pkg/library"
)

// clocksApart is how far a time may lie ahead of the server's clock before it is taken for that of a wrong clock.
const clocksApart = 5 * time.Minute

// signsOfUse is what the library's own documents say: it is in use while one that the library declares as busy changed lately. A
// collection that does not exist says nothing. What is odd goes to warn.
func (r *run) signsOfUse(warn func(string)) idle.Source {
	return func(ctx context.Context, now time.Time) (idle.Signal, error) { return r.readSigns(ctx, now, warn) }
}

func (r *run) readSigns(ctx context.Context, now time.Time, warn func(string)) (signal idle.Signal, err error) {
	existing, err := r.db.Reader().Collections(ctx)
	if err != nil {
		return signal, err
	}
	clock, err := r.serverTime(ctx)
	if err != nil {
		return signal, err
	}
	for _, sign := range r.Library.Busy {
		if !slices.Contains(existing, sign.Collection) {
			continue
		}
		last, err := r.lastUse(ctx, sign, clock, warn)
		if err != nil {
			return signal, err
		}
		signal.Known = true
		if at := now.Add(last.Sub(clock)); signal.Last.IsZero() || at.After(signal.Last) {
			signal.Last, signal.By = at, inUse(sign)
		}
	}
	return signal, nil
}

// longUnused is the last use of a library that nothing says is in use.
var longUnused = time.Unix(0, 0)

func (r *run) lastUse(ctx context.Context, sign library.Busy, clock time.Time, warn func(string)) (time.Time, error) {
	believe := func(at time.Time) bool {
		if at.After(clock.Add(clocksApart)) {
			warn(fmt.Sprintf("a document of %s says that it changed at %s, which is yet to come: the clock of whoever wrote it is wrong, and it was not believed",
				sign.Collection, at.Format(time.RFC3339)))
			return false
		}
		return true
	}
	last, any, err := r.db.Reader().LatestChange(ctx, sign.Collection, sign.Where.Fields(), sign.Where.Filter(), sign.Where.Matches, sign.Since, believe)
	if !any {
		last = longUnused
	}
	return last, err
}

// inUse names a sign, such as "a document of tasks with status pending or running".
func inUse(sign library.Busy) string {
	text := "a document of " + sign.Collection
	for _, c := range sign.Where {
		var values []string
		for _, v := range c.Values {
			values = append(values, fmt.Sprint(v))
		}
		if len(values) > 0 {
			text += " with " + c.Field + " " + strings.Join(values, " or ")
		}
	}
	return text
}

// serverTime is the clock by which ages count.
func (r *run) serverTime(ctx context.Context) (time.Time, error) {
	if r.ServerTime != nil {
		return r.ServerTime(ctx, r.db.Reader())
	}
	return r.db.Reader().Time(ctx)
}

func (r *run) warnOnce(warning string) {
	if !slices.Contains(r.result.Warnings, warning) {
		r.warn(warning)
	}
}
