package cachecleanup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execute deletes what the plan's rule lets go, folder by folder.
func execute(ctx context.Context, env tasks.Env, _ *mongodb.Writer, p plan) (tasks.Done, error) {
	defer p.folders.close()
	if p.going.files == 0 {
		return tasks.Done{Counts: p.counts(sum{}), Message: p.message, Verdict: p.verdict}, nil
	}
	env.Progress.StartFiles("delete cache files", p.going.files)
	defer env.Progress.Done()
	c := cleaning{env: env, rule: p.going.rule, among: p.going.among}
	err := c.all(ctx, p.folders)
	done := tasks.Done{Counts: p.counts(c.gone), Message: c.message(), Warnings: c.failed.Why, Verdict: p.verdict}
	if c.failed.N > 0 {
		done.Verdict = tasks.Partial(report.ReasonNotPermitted,
			"%d files or folders could not be deleted: the warnings say why", c.failed.N)
	}
	return done, err
}

// cleaning is what was done so far.
type cleaning struct {
	env     tasks.Env
	rule    rule
	among   *files.Names
	gone    sum
	changed int64 // files that were not what they had been a moment before
	failed  tasks.Failures
}

func (c *cleaning) all(ctx context.Context, in folders) error {
	for _, root := range in {
		_, err := root.Clean(ctx, files.Cleaning{
			Among: c.among,
			Goes: func(e files.Entry) bool {
				return c.env.Throttle.Files(ctx, 1) == nil && c.rule.goes(file{e, root})
			},
			Deleted: c.note,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// note adds what became of a file that goes, or that a folder could not be removed.
func (c *cleaning) note(e files.Entry, err error) {
	switch {
	case err == nil:
		c.gone.files, c.gone.bytes = c.gone.files+1, c.gone.bytes+e.Size
		c.env.Progress.Add(1)
	case errors.Is(err, files.ErrChanged):
		c.changed++
	case !errors.Is(err, fs.ErrNotExist):
		c.failed.Add(err)
	}
}

func (c *cleaning) message() string {
	text := fmt.Sprintf("deleted %d files of %d bytes", c.gone.files, c.gone.bytes)
	if c.changed > 0 {
		text += fmt.Sprintf("; %d were used or replaced meanwhile and stay", c.changed)
	}
	return text
}
