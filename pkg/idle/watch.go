package idle

import (
	"context"
	"fmt"
	"time"
)

// patience is after how many looks in a row that tell nothing a run stops. One answer that was lost is no load.
const patience = 3

// ReturnedError says that the library is in use again while a run works.
type ReturnedError struct{ Why string }

func (e *ReturnedError) Error() string {
	return fmt.Sprintf("the library is in use again (%s): what was done stays, and the next run goes on", e.Why)
}

// Watch looks until the library is in use, which is *ReturnedError, or until its context ends, which is nil. A source
// that fails is asked again, since what is wrong with it the run itself will find.
func (g Gate) Watch(ctx context.Context, sources []Source, now func() time.Time) error {
	broken := 0
	var before time.Time
	for {
		signals, err := look(ctx, sources, now())
		why, unsure := g.returned(signals, before, now())
		before = latest(signals, before)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil && unsure:
			broken++
		default:
			broken = 0
		}
		if why != "" && (!unsure || broken >= patience) {
			return &ReturnedError{Why: why}
		}
		if sleep(ctx, g.every()) != nil {
			return nil
		}
	}
}

// returned is why the library counts as in use, if it does; unsure: only because a source is broken. A use later than
// the one that was known before counts however long ago it was: it may have come just after a look.
func (g Gate) returned(signals []Signal, before, now time.Time) (why string, unsure bool) {
	for _, s := range signals {
		switch {
		case s.Busy != "" && s.Broken:
			why, unsure = s.Busy, true
		case s.Busy != "":
			return s.Busy, false
		case s.Last.IsZero():
		case g.Threshold-now.Sub(s.Last) > 0, !before.IsZero() && s.Last.After(before):
			return "last at " + s.Last.UTC().Format(time.RFC3339), false
		}
	}
	return why, unsure
}

// latest is the last use that is known of after a look.
func latest(signals []Signal, before time.Time) time.Time {
	for _, s := range signals {
		if s.Last.After(before) {
			before = s.Last
		}
	}
	return before
}
