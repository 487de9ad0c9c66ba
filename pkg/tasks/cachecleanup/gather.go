package cachecleanup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the open folders, what is in them, and which of it is beyond the limits.
type facts struct {
	folders  folders                  // those that exist
	unsafe   *files.UnsafeFolderError // nothing else is known then
	warnings []string
	skipped  files.Skipped
	all      sum
	going    going
}

// going is what goes: the rule, how much that is, and a few of the files.
type going struct {
	rule  rule
	among *files.Names // has what goes by the rule, and more; nil: it may be any file
	sum
	sample []string
}

// gatherer has the limits of a gathering.
type gatherer struct {
	workers    int // of each walk; 0: the usual number
	remembered int // files that may be remembered
}

// gather opens the folders and looks for the files beyond the limits. The folders stay open: until the plan is
// carried out, or, of a dry run, until the process ends.
func (g gatherer) gather(ctx context.Context, env tasks.Env) (facts, error) {
	if len(env.Options.CacheDirs) == 0 {
		return facts{}, tasks.Misconfigured("cache-cleanup needs at least one --cache-dir")
	}
	f, err := g.openFolders(env.Options)
	if err == nil {
		err = f.look(ctx, env, g.remembered)
	}
	if err != nil {
		f.folders.close()
		f.folders = nil
	}
	if errors.As(err, &f.unsafe) {
		err = nil
	}
	return f, err
}

// look finds out which files go.
func (f *facts) look(ctx context.Context, env tasks.Env, remembered int) error {
	env.Progress.StartFiles("look at cache files", 0)
	defer env.Progress.Done()
	s := newSurvey(f.folders, rule{began: env.Now, oldest: orderOf(env.Now.AddDate(0, 0, -env.Options.MaxAgeDays))},
		remembered)
	err := s.run(ctx, env)
	if err != nil {
		return err
	}
	f.skipped, f.all = s.skipped, s.all
	f.going, err = s.decide(ctx, maxBytes(env.Options))
	return err
}

// maxBytes is the size to which the folders shrink.
func maxBytes(o jobspec.Options) int64 {
	if bytes := o.MaxCacheSizeGB * (1 << 30); bytes < math.MaxInt64 {
		return int64(bytes)
	}
	return math.MaxInt64
}

// openFolders opens all folders, each of them once.
func (g gatherer) openFolders(o jobspec.Options) (f facts, err error) {
	for _, name := range o.CacheDirs {
		root, err := files.Open(name, o.LibraryRoots)
		switch {
		case errors.As(err, new(*files.UnsafeFolderError)):
			return f, err
		case errors.Is(err, fs.ErrNotExist):
			f.warnings = append(f.warnings, fmt.Sprintf("the cache folder %s does not exist", name))
		case err != nil:
			return f, tasks.Misconfigured("cache-cleanup cannot work on --cache-dir=%s: %w", name, files.WithRemedy(err))
		default:
			root.Workers = g.workers
			f.folders = append(f.folders, root)
		}
	}
	f.dropCovered()
	return f, nil
}

// dropCovered closes folders that lie in others: their files must not count twice.
func (f *facts) dropCovered() {
	var kept folders
	for i, root := range f.folders {
		if by := f.folders.covering(i); by != nil {
			f.warnings = append(f.warnings, fmt.Sprintf("the cache folder %s lies in %s and counts as a part of it", root.Path(),
				by.Path()))
			defer root.Close()
			continue
		}
		kept = append(kept, root)
	}
	f.folders = kept
}
