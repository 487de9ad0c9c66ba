package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/lock"
)

// comeBack is how often a run that made way tries to have the lock again.
const comeBack = 2 * time.Second

// preemptedError says that a run made way, and that its time was over before it could go on.
type preemptedError struct {
	to  *lock.YieldError
	why error // with which the time was over
}

func (e *preemptedError) Error() string {
	return fmt.Sprintf("%v: this run made way for it, and could not go on before its own time was over (%v): what was "+
		"done stays, and the next run goes on", e.to, e.why)
}

func (e *preemptedError) Unwrap() error { return e.why }

// turns works under the lock. When a run of priority high asks for it, this one stops at the next safe point, gives the
// lock up, and works again when it gets it back. Every write is idempotent, so that each turn plans what the one before
// it left.
func (r *run) turns(ctx context.Context) error {
	locked, release, err := r.lock(ctx)
	if err != nil {
		return err
	}
	for {
		var yield *lock.YieldError
		if err = r.turn(locked, release); !errors.As(err, &yield) {
			return err
		}
		r.Log.Info("making way", "run", yield.To.Run, "task", yield.To.Task)
		r.yields++
		began := r.Now()
		if locked, release, err = r.lockAgain(ctx, yield); err != nil {
			return err
		}
		r.forget(fmt.Sprintf("%v: this run made way for it for %s", yield, r.Now().Sub(began).Round(time.Second)))
	}
}

// turn is the work under one lock, from the idle gate on.
func (r *run) turn(ctx context.Context, release func()) error {
	defer release()
	if err := r.waitUntilIdle(ctx); err != nil {
		return err
	}
	r.warnings = r.result.Warnings
	ctx, leave := r.stayIdle(ctx)
	defer leave()
	return r.attempts(ctx)
}

// lockAgain waits, for as long as the run may take, until the lock is free.
func (r *run) lockAgain(ctx context.Context, yield *lock.YieldError) (context.Context, func(), error) {
	tick := time.NewTicker(comeBack)
	defer tick.Stop()
	for {
		locked, release, err := r.lock(ctx)
		var held *lock.HeldError
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, nil, &preemptedError{to: yield, why: context.Cause(ctx)}
		case !errors.As(err, &held):
			return locked, release, err
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}
