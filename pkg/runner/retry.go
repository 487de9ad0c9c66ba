package runner

import (
	"context"
	"fmt"
	"maps"
	"time"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
)

// The pauses between attempts double, which gives a database that restarts a minute: for longer no lock lives that is
// not renewed. What takes longer is left to the Job, which starts another pod.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
	maxAttempts  = 7
)

// attempts gathers, plans and executes, once more each time the database goes away under it. The lock stays held
// meanwhile; if it is lost, the run ends. Every write is idempotent, so that an attempt plans what the one before it
// left.
func (r *run) attempts(ctx context.Context) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := r.attempt(ctx)
		if err == nil || n == maxAttempts || ctx.Err() != nil || !connection.MayPass(err) {
			return err
		}
		r.Log.Warn("the database went away; trying again", "attempt", n, "pause", pause, "error", err)
		r.forget(fmt.Sprintf("attempt %d ended when the database went away: %v", n, err))
		select {
		case <-ctx.Done():
			return r.because(ctx, err)
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// forget makes the result ready for another attempt; why there is one, and what the one before had done, stays as a
// warning.
func (r *run) forget(warning string) {
	r.earlier = r.result.Counts
	if len(r.result.Counts) > 0 {
		warning += fmt.Sprintf(" (it had counted %v)", r.result.Counts)
	}
	r.result = report.Result{
		SchemaVersion: r.result.SchemaVersion, Task: r.result.Task, Run: r.result.Run, DryRun: r.result.DryRun,
		StartedAt: r.result.StartedAt,
		Library:   r.result.Library,
		Counts:    report.Counts{}, Warnings: append(r.warnings[:len(r.warnings):len(r.warnings)], warning),
	}
	r.warnings = r.result.Warnings
}

// attempt is one of them.
func (r *run) attempt(ctx context.Context) error {
	if err := r.enter(ctx); err != nil {
		return r.because(ctx, err)
	}
	plan, err := r.prepare(ctx)
	if err != nil {
		return r.because(ctx, err)
	}
	switch {
	case r.o.DryRun:
		return nil
	case plan.Remember != nil && plan.Verdict != nil && plan.Verdict.Outcome == report.Refused:
		return r.because(ctx, plan.Remember(ctx, r.writer))
	case plan.Execute == nil, stops(plan.Verdict):
		return nil
	}
	return r.because(ctx, r.execute(ctx, plan))
}

// whole is what a run has done in all of its attempts: what the earlier ones did, and what the last one did. What every
// attempt counts anew, such as the files that it read, is no more than the first plan said.
func (r *run) whole(done report.Counts) report.Counts {
	if len(r.earlier) == 0 {
		return done
	}
	total := maps.Clone(r.earlier)
	for key, n := range done {
		total[key] += n
		if most, planned := r.planned[key]; planned {
			total[key] = max(n, min(total[key], most))
		}
	}
	return total
}
