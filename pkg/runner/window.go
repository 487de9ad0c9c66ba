package runner

import (
	"context"
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// windowError says that a run may not begin, or may not go on.
type windowError struct {
	window string
	closed time.Time // when it closed under the run; zero: it was not open
}

func (e *windowError) Error() string {
	if e.closed.IsZero() {
		return fmt.Sprintf("the window %s is closed: runs may work in it only", e.window)
	}
	return fmt.Sprintf("the window %s closed at %s: what was done stays, and the next run goes on", e.window,
		e.closed.Format("15:04 MST"))
}

// keepWindow bounds the run by its window, if it has one.
func (r *run) keepWindow(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if r.o.Window == "" {
		return ctx, func() {}, nil
	}
	window, err := jobspec.ParseWindow(r.o.Window)
	if err != nil {
		return ctx, nil, &usageError{err} // Validate has read it already
	}
	now := r.Now()
	end, open := window.Until(now)
	if !open {
		return ctx, nil, &windowError{window: r.o.Window}
	}
	bounded, cancel := context.WithTimeoutCause(ctx, end.Sub(now), &windowError{window: r.o.Window, closed: end})
	return bounded, cancel, nil
}
