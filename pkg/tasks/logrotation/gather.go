package logrotation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the logs below the open log folder.
type facts struct {
	root    *files.Root              // nil where the folder does not exist
	unsafe  *files.UnsafeFolderError // nothing else is known then
	now     time.Time
	logs    []log         // by path
	halves  []files.Entry // temporary files of a run that was killed
	skipped files.Skipped
}

// log is one log and its generations. One of both may be missing.
type log struct {
	path        string
	live        *files.Entry
	generations []generation // the newest first
}

// generation is one generation: plain, compressed, or, where a run was killed, both.
type generation struct {
	version       version
	plain, packed *files.Entry
}

// gather opens the log folder and finds the logs. The folder stays open: until the plan is carried out, or, of a dry run, until the
// process ends.
func gather(ctx context.Context, env tasks.Env) (facts, error) {
	f := facts{now: env.Now}
	if env.Options.LogDir == "" {
		return f, &tasks.Error{Reason: report.ReasonConfiguration, Err: errors.New("log-rotation needs --log-dir")}
	}
	root, err := files.Open(env.Options.LogDir, env.Options.LibraryRoots)
	switch {
	case errors.As(err, &f.unsafe), errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return f, &tasks.Error{Reason: report.ReasonConfiguration, Err: fmt.Errorf("log-rotation cannot work on --log-dir=%s: %w", env.Options.LogDir, err)}
	}
	f.root = root
	if err := f.find(ctx); err != nil {
		_ = root.Close() // it was only read through
		return unsafeOr(f, err)
	}
	return f, nil
}

// unsafeOr is what there is to know of a folder whose walk ended early: that it is unsafe, or nothing.
func unsafeOr(f facts, err error) (facts, error) {
	unsafe := facts{now: f.now}
	if errors.As(err, &unsafe.unsafe) {
		return unsafe, nil
	}
	return f, err
}

// find sorts all files below the folder into logs.
func (f *facts) find(ctx context.Context) (err error) {
	logs := map[string]*log{}
	f.skipped, err = f.root.Walk(ctx, files.Visit{File: func(e files.Entry) error {
		k, name, v := parse(e.Path)
		switch k {
		case foreign:
			return nil
		case half:
			f.halves = append(f.halves, e)
			return nil
		}
		if logs[name] == nil {
			logs[name] = &log{path: name}
		}
		logs[name].add(k, v, e)
		return nil
	}})
	for _, l := range logs {
		slices.SortFunc(l.generations, func(a, b generation) int { return b.version.compare(a.version) })
		f.logs = append(f.logs, *l)
	}
	slices.SortFunc(f.logs, func(a, b log) int { return strings.Compare(a.path, b.path) })
	return err
}

func (l *log) add(k kind, v version, e files.Entry) {
	if k == live {
		l.live = &e
		return
	}
	at := slices.IndexFunc(l.generations, func(g generation) bool { return g.version == v })
	if at < 0 {
		at = len(l.generations)
		l.generations = append(l.generations, generation{version: v})
	}
	if k == packed {
		l.generations[at].packed = &e
	} else {
		l.generations[at].plain = &e
	}
}
