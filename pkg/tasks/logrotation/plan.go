package logrotation

import (
	"fmt"
	"path"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/logfile"
	"ucorefs.io/maintenance/pkg/logname"
	"ucorefs.io/maintenance/pkg/plaintext"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is what to do with each log.
type plan struct {
	root         *files.Root
	halves       []files.Entry // to delete
	work         []work
	copyTruncate bool
	ending       string // of compressed files
	message      string
	warnings     []string
	verdict      *tasks.Verdict
}

// work is what to do with one log. Each part builds on those before it.
type work struct {
	rotate   *rotation
	delete   []files.Entry
	compress []files.Entry // each to its own name with the ending of the format
}

// rotation makes a log a generation with this name.
type rotation struct {
	log  files.Entry
	base string
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{root: f.root, halves: f.halves, copyTruncate: o.LogCopyTruncate, ending: endingOf(o),
		warnings: f.skipped.Why}
	gone, warnings := f.surplus(o.MaxLogFiles)
	p.warnings = append(p.warnings, warnings...)
	for _, l := range f.logs {
		w := work{delete: l.files()}
		if !gone[l.path] {
			w, warnings = f.decide(l, o)
			p.warnings = append(p.warnings, warnings...)
		}
		if w.rotate != nil || len(w.delete)+len(w.compress) > 0 {
			p.work = append(p.work, w)
		}
	}
	p.message, p.verdict = f.verdict(p, o)
	if o.LogCopyTruncate && slices.ContainsFunc(p.work, func(w work) bool { return w.rotate != nil }) {
		p.warnings = append(p.warnings, copyTruncateWarning)
	}
	return p
}

// endingOf is the ending of the compressed files that a run makes.
func endingOf(o jobspec.Options) string {
	if o.CompressZstd {
		return logfile.Zstd
	}
	return logfile.Gzip
}

const copyTruncateWarning = "--log-copy-truncate: lines that are written between the last reading and the " +
	"truncation are lost, and a run that is killed between the two leaves lines twice; " +
	"a program that reopens its log does not need it"

// verdict is the message or the verdict for the plan as a whole.
func (f facts) verdict(p plan, o jobspec.Options) (message string, verdict *tasks.Verdict) {
	switch {
	case f.unsafe != nil:
		verdict = tasks.Refused(report.ReasonUnsafeFolder, "no log was touched: %v", f.unsafe)
	case f.root == nil:
		message = fmt.Sprintf("nothing to do: the log folder %s does not exist", o.LogDir)
	case f.skipped.Folders > 0:
		verdict = tasks.Partial(report.ReasonDirectoriesUnknown,
			"%d folders could not be read, and the logs in them were left alone: the warnings say why", f.skipped.Folders)
	case len(p.work) == 0 && len(p.halves) == 0:
		message = fmt.Sprintf("nothing to do: %d logs are within the limits", len(f.logs))
	}
	return message, verdict
}

// maxBytes is the size above which a log is rotated.
func maxBytes(o jobspec.Options) float64 { return o.MaxLogSizeMB * (1 << 20) }

// decide is the work on one log, and the warnings about it.
func (f facts) decide(l log, o jobspec.Options) (w work, warnings []string) {
	keep, settled := o.MaxLogFiles, 1 // the newest generation may still be written
	if f.tooLarge(l, o) {
		var newest logname.Version
		if len(l.generations) > 0 {
			newest = l.generations[0].version
		}
		w.rotate = &rotation{*l.live, path.Base(l.path) + "." + logname.Next(f.now, newest).String()}
		keep, settled = keep-1, 0
	}
	for i, g := range l.generations {
		switch cut := g.plain != nil && len(g.packed) > 0; {
		case i >= settled && f.written(g):
			warnings = append(warnings, plaintext.Line(g.plain.Path)+" is still open for writing and was left as it is: "+reopen)
		case i >= keep:
			w.delete = append(w.delete, g.entries()...)
		case g.plain != nil && (cut || o.CompressLogs && i >= settled) && f.idle(*g.plain):
			w.compress = append(w.compress, *g.plain)
		}
	}
	return w, append(warnings, f.programs(l)...)
}

// tooLarge tells whether a log must be rotated. NUL bytes at its beginning do not count: no program wrote them.
func (f facts) tooLarge(l log, o jobspec.Options) bool {
	return l.live != nil && l.live.Size > 0 && float64(l.live.Size-f.sights[l.path].nuls) > maxBytes(o)
}

// written tells whether a program certainly has a generation open for writing.
func (f facts) written(g generation) bool {
	return g.plain != nil && f.sights[g.plain.Path].writing == files.Written
}

func (g generation) entries() (all []files.Entry) {
	if g.plain != nil {
		all = append(all, *g.plain)
	}
	return append(all, g.packed...)
}

// summary are the figures of all that is planned, and all of it in words. The names of new generations are not in the
// words, so that the plan of a dry run has the digest of the run that follows.
func (p plan) summary() (c report.Counts, items []string) {
	c = tasks.NoCounts(jobspec.LogRotation)
	for _, w := range p.work {
		if w.rotate != nil {
			c["filesRotated"]++
			items = append(items, "rotate "+plaintext.Line(w.rotate.log.Path))
		}
		for _, e := range w.delete {
			c["filesDeleted"]++
			c["bytesFreed"] += e.Size
			items = append(items, "delete "+plaintext.Line(e.Path))
		}
		for _, e := range w.compress {
			c["filesCompressed"]++
			items = append(items, "compress "+plaintext.Line(e.Path))
		}
	}
	return c, items
}

func present(p plan) tasks.Plan {
	counts, items := p.summary()
	return tasks.Plan{
		Counts: counts, Message: p.message, Warnings: p.warnings, Verdict: p.verdict,
		Sample: tasks.First(items), Digest: tasks.Digest(items),
	}
}
