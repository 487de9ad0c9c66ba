package cachecleanup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

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
	env.Progress.Start("delete cache files", p.going.files)
	defer env.Progress.Done()
	c := cleaning{rule: p.rule, deleted: func() { env.Progress.Add(1) }}
	err := c.all(ctx, p.folders)
	done := tasks.Done{Counts: p.counts(c.gone), Message: c.message(), Warnings: c.why, Verdict: p.verdict}
	if c.failed > 0 {
		done.Verdict = tasks.Partial(report.ReasonNotPermitted,
			"%d files or folders could not be deleted: the warnings say why", c.failed)
	}
	return done, err
}

// cleaning is what was done so far.
type cleaning struct {
	rule    rule
	deleted func() // is told of each deleted file
	gone    sum
	changed int64 // files that were not what they had been a moment before
	failed  int64
	why     []string // the first few failures
	emptied map[string]bool
}

func (c *cleaning) all(ctx context.Context, in folders) error {
	for _, root := range in {
		if err := c.folder(ctx, root); err != nil {
			return err
		}
	}
	return nil
}

// folder cleans one cache folder. Folders that it took files from are removed when the walk leaves them, or when it ends early.
func (c *cleaning) folder(ctx context.Context, root *files.Root) error {
	c.emptied = map[string]bool{}
	_, err := root.Walk(ctx, files.Visit{
		File: func(e files.Entry) error {
			c.file(file{e, root})
			return nil
		},
		Leave: func(folder string) error {
			c.leave(root, folder)
			return nil
		},
	})
	for len(c.emptied) > 0 { // what the walk did not come to leave; a folder sorts after the one that it is in
		c.leave(root, slices.Max(slices.Collect(maps.Keys(c.emptied))))
	}
	return err
}

func (c *cleaning) file(f file) {
	if !c.rule.goes(f) {
		return
	}
	switch err := f.root.Delete(f.Entry); {
	case err == nil:
		c.gone.add(f)
		c.emptied[path.Dir(f.Path)] = true
		c.deleted()
	case errors.Is(err, files.ErrChanged):
		c.changed++
	case !errors.Is(err, fs.ErrNotExist):
		c.note(err)
	}
}

// leave removes a folder if something was removed from it and nothing is left in it. Memory holds only folders on the way from the
// root to where the walk is.
func (c *cleaning) leave(root *files.Root, folder string) {
	took := c.emptied[folder]
	delete(c.emptied, folder)
	if !took || folder == "." {
		return
	}
	removed, err := root.RemoveEmpty(folder)
	if removed {
		c.emptied[path.Dir(folder)] = true
	}
	if !errors.Is(err, fs.ErrNotExist) {
		c.note(err)
	}
}

// maxWhy is how many failures a person is shown.
const maxWhy = 10

func (c *cleaning) note(err error) {
	if err == nil {
		return
	}
	c.failed++
	if len(c.why) < maxWhy {
		c.why = append(c.why, err.Error())
	}
}

func (c *cleaning) message() string {
	text := fmt.Sprintf("deleted %d files of %d bytes", c.gone.files, c.gone.bytes)
	if c.changed > 0 {
		text += fmt.Sprintf("; %d were used or replaced meanwhile and stay", c.changed)
	}
	return text
}
