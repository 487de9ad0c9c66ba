package logrotation

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// disk is what rotating needs of a *files.Root.
type disk interface {
	Look(name string) (files.Entry, error)
	Rename(e files.Entry, base string) error
	Create(name string, like files.Entry) (*os.File, error)
	CreateCopy(name string, like files.Entry) (*os.File, error)
	OpenFile(e files.Entry, write bool) (*os.File, error)
	Delete(e files.Entry) error
	Writing(e files.Entry) files.Writing
	Sync(folder string) error
}

// execute does what the plan says, log by log. What fails on one log does not keep it from the others.
func execute(ctx context.Context, env tasks.Env, _ *mongodb.Writer, p plan) (tasks.Done, error) {
	if p.root == nil {
		return tasks.Done{Counts: tasks.NoCounts(jobspec.LogRotation), Message: p.message, Verdict: p.verdict}, nil
	}
	defer p.root.Close()
	env.Progress.StartFiles("rotate logs", int64(len(p.work)))
	defer env.Progress.Done()
	r := rotating{
		disk: p.root, copyTruncate: p.copyTruncate, ending: p.ending,
		counts: tasks.NoCounts(jobspec.LogRotation), logged: func() { env.Progress.Add(1) },
	}
	err := r.all(ctx, p)
	done := tasks.Done{Counts: r.counts, Message: p.message, Warnings: r.failed.Why, Verdict: p.verdict}
	if r.failed.N > 0 {
		done.Verdict = tasks.Partial(r.reason, "%d logs could not be dealt with, and lost nothing: the warnings say why", r.failed.N)
	}
	return done, err
}

// rotating is what was done so far.
type rotating struct {
	disk         disk
	copyTruncate bool
	ending       string // of compressed files
	counts       report.Counts
	logged       func() // is told of each log
	failed       tasks.Failures
	reason       report.Reason // of the failures
}

func (r *rotating) all(ctx context.Context, p plan) error {
	for _, e := range p.halves {
		if _, err := r.delete(e); err != nil {
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
		rotated, err := r.rotate(ctx, *w.rotate)
		if rotated {
			r.counts["filesRotated"]++
		}
		if err != nil {
			return err
		}
	}
	for _, e := range w.delete {
		gone, err := r.delete(e)
		if err != nil {
			return err
		}
		if gone {
			r.counts["filesDeleted"]++
			r.counts["bytesFreed"] += e.Size
		}
	}
	for _, e := range w.compress {
		saved, err := r.compress(ctx, e)
		if err != nil {
			return err
		}
		r.counts["filesCompressed"]++
		r.counts["bytesFreed"] += saved
	}
	return nil
}

// errWritten is the error for a file that was to be deleted or compressed.
var errWritten = errors.New("a program has opened the file for writing")

// delete deletes a file. One that is gone already is no error.
func (r *rotating) delete(e files.Entry) (bool, error) {
	if r.disk.Writing(e) == files.Written {
		return false, &fs.PathError{Op: "delete", Path: e.Path, Err: errWritten}
	}
	err := r.disk.Delete(e)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (r *rotating) note(err error) {
	r.failed.Add(err)
	changed := errors.Is(err, files.ErrChanged) || errors.Is(err, errWritten) || errors.Is(err, fs.ErrNotExist)
	if !changed {
		r.reason = report.ReasonNotPermitted
	} else if r.reason == "" {
		r.reason = report.ReasonChangedMeanwhile
	}
}
