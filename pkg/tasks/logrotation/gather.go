package logrotation

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/logname"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the logs below the open log folder.
type facts struct {
	root    *files.Root              // nil where the folder does not exist
	unsafe  *files.UnsafeFolderError // nothing else is known then
	now     time.Time
	logs    []log            // by path
	sights  map[string]sight // by path, of the files that inspect looked at
	halves  []files.Entry    // temporary files of a run that was killed
	skipped files.Skipped
}

// sight is what is known about a file beside its entry.
type sight struct {
	writing files.Writing
	born    time.Time // zero: unknown
	nuls    int64     // number of NUL bytes at its beginning
}

// log is one log with its generations and archives. Any of them may be missing.
type log struct {
	path        string
	live        *files.Entry
	generations []generation // the newest first
	archives    []files.Entry
}

// generation is one generation: plain, compressed, or, where a run was killed, both.
type generation struct {
	version logname.Version
	plain   *files.Entry
	packed  []files.Entry // one for each format, at most
}

// gather opens the log folder and finds the logs. The folder stays open: until the plan is carried out, or, of a dry
// run, until the process ends.
func gather(ctx context.Context, env tasks.Env) (facts, error) {
	f := facts{now: env.Now}
	if env.Options.LogDir == "" {
		return f, tasks.Misconfigured("log-rotation needs --log-dir")
	}
	root, err := files.Open(env.Options.LogDir, env.Options.LibraryRoots)
	switch {
	case errors.As(err, &f.unsafe), errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return f, tasks.Misconfigured("log-rotation cannot work on --log-dir=%s: %w", env.Options.LogDir,
			files.WithRemedy(err))
	}
	f.root = root
	if err := f.find(ctx); err != nil {
		_ = root.Close() // it was only read through
		if errors.As(err, &f.unsafe) {
			return facts{now: f.now, unsafe: f.unsafe}, nil
		}
		return f, err
	}
	f.inspect(env.Options)
	return f, nil
}

// find sorts all files below the folder into logs.
func (f *facts) find(ctx context.Context) (err error) {
	logs := map[string]*log{}
	f.skipped, err = f.root.Walk(ctx, files.Visit{File: func(e files.Entry) error {
		k, name, v := logname.Parse(e.Path)
		switch k {
		case logname.Foreign:
			return nil
		case logname.Temporary:
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
		slices.SortFunc(l.generations, func(a, b generation) int { return b.version.Compare(a.version) })
		f.logs = append(f.logs, *l)
	}
	slices.SortFunc(f.logs, func(a, b log) int { return strings.Compare(a.path, b.path) })
	return err
}

// inspect fills sights for the files that the plan may delete or compress, and for the logs that it may rotate.
func (f *facts) inspect(o jobspec.Options) {
	f.sights = map[string]sight{}
	for _, l := range f.logs {
		if l.live != nil && float64(l.live.Size) > maxBytes(o) {
			nuls, _ := f.root.LeadingNULs(*l.live) // an unreadable log counts with its whole size
			f.sights[l.path] = sight{nuls: nuls}
		}
		for _, g := range l.generations {
			f.ask(g.entries()...)
		}
	}
	for _, logs := range families(f.logs, o.MaxLogFiles) {
		for _, l := range logs {
			f.ask(l.files()...)
		}
	}
}

// ask finds out whether files are being written, and when they were created.
func (f *facts) ask(all ...files.Entry) {
	for _, e := range all {
		s := f.sights[e.Path]
		s.writing, s.born = f.root.Writing(e), f.root.Born(e)
		f.sights[e.Path] = s
	}
}

func (l *log) add(k logname.Kind, v logname.Version, e files.Entry) {
	switch k {
	case logname.Live:
		l.live = &e
		return
	case logname.Archive:
		l.archives = append(l.archives, e)
		return
	}
	at := slices.IndexFunc(l.generations, func(g generation) bool { return g.version == v })
	if at < 0 {
		at = len(l.generations)
		l.generations = append(l.generations, generation{version: v})
	}
	if k == logname.Packed {
		l.generations[at].packed = append(l.generations[at].packed, e)
	} else {
		l.generations[at].plain = &e
	}
}
