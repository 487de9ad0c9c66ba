package logrotation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/logfile"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execute does what the plan says, log by log. What fails on one log does not keep it from the others.
func execute(ctx context.Context, env tasks.Env, _ *mongodb.Writer, p plan) (tasks.Done, error) {
	if p.root == nil {
		return tasks.Done{Counts: tasks.NoCounts(jobspec.LogRotation), Message: p.message, Verdict: p.verdict}, nil
	}
	defer p.root.Close()
	env.Progress.StartFiles("rotate logs", int64(len(p.work)))
	defer env.Progress.Done()
	r := rotating{
		Rotator: logfile.Rotator{Disk: p.root, CopyTruncate: p.copyTruncate, Ending: p.ending},
		counts:  tasks.NoCounts(jobspec.LogRotation), logged: func() { env.Progress.Add(1) },
	}
	err := r.all(ctx, p)
	done := tasks.Done{Counts: r.counts, Message: p.message, Warnings: r.failed.Why, Verdict: p.verdict}
	if r.failed.N > 0 {
		done.Verdict = tasks.Partial(r.reason, "%d logs could not be dealt with, and lost nothing: the warnings say why",
			r.failed.N)
	}
	return done, err
}

// rotating is what was done so far.
type rotating struct {
	logfile.Rotator
	counts report.Counts
	logged func() // is told of each log
	failed tasks.Failures
	reason report.Reason // of the failures
}

func (r *rotating) all(ctx context.Context, p plan) error {
	for _, e := range p.halves {
		if _, err := r.Delete(e); err != nil {
			r.note(err)
		}
	}
	for _, w := range p.work {
		if err := r.one(ctx, w); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			r.note(err)
		}
		r.logged()
	}
	return nil
}

// one rotates first: what is to be deleted and compressed then was chosen with the new generation in mind.
func (r *rotating) one(ctx context.Context, w work) error {
	if w.rotate != nil {
		rotated, err := r.Rotate(ctx, w.rotate.log, w.rotate.base)
		if rotated {
			r.counts["filesRotated"]++
		}
		if err != nil {
			return withAdvice(w.rotate.log, err)
		}
	}
	for _, e := range w.delete {
		gone, err := r.Delete(e)
		if err != nil {
			return err
		}
		if gone {
			r.counts["filesDeleted"]++
			r.counts["bytesFreed"] += e.Size
		}
	}
	for _, e := range w.compress {
		saved, err := r.Compress(ctx, e)
		if err != nil {
			return err
		}
		r.counts["filesCompressed"]++
		r.counts["bytesFreed"] += saved
	}
	return nil
}

// withAdvice says what to do about a log whose owner cannot be kept.
func withAdvice(log files.Entry, err error) error {
	if !errors.Is(err, files.ErrOwner) {
		return err
	}
	return fmt.Errorf("%s was not rotated, since its program could not write a new log of this user: "+
		"run log-rotation as user %d and group %d, or use --log-copy-truncate: %w", log.Path, log.UID, log.GID, err)
}

func (r *rotating) note(err error) {
	r.failed.Add(err)
	changed := errors.Is(err, files.ErrChanged) || errors.Is(err, logfile.ErrWritten) || errors.Is(err, fs.ErrNotExist)
	if !changed {
		r.reason = report.ReasonNotPermitted
	} else if r.reason == "" {
		r.reason = report.ReasonChangedMeanwhile
	}
}
