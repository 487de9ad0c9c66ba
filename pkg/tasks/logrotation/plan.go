package logrotation

import (
	"fmt"
	"path"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is what to do with each log.
type plan struct {
	root         *files.Root
	halves       []files.Entry // to delete
	work         []work
	copyTruncate bool
	message      string
	warnings     []string
	verdict      *tasks.Verdict
}

// work is what to do with one log. Each part builds on those before it.
type work struct {
	rotate   *rotation
	delete   []files.Entry
	compress []files.Entry // each to its own name with .gz
}

// rotation makes a log a generation with this name.
type rotation struct {
	log  files.Entry
	base string
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{root: f.root, halves: f.halves, copyTruncate: o.LogCopyTruncate, warnings: f.skipped.Why}
	for _, l := range f.logs {
		if w := l.decide(o, f.now); w.any() {
			p.work = append(p.work, w)
		}
		p.warnings = append(p.warnings, l.notReopened()...)
	}
	switch {
	case f.unsafe != nil:
		p.verdict = &tasks.Verdict{Outcome: report.Refused, Reason: report.ReasonUnsafeFolder, Message: "no log was touched: " + f.unsafe.Error()}
	case f.root == nil:
		p.message = fmt.Sprintf("nothing to do: the log folder %s does not exist", o.LogDir)
	case f.skipped.Folders > 0:
		p.verdict = &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonDirectoriesUnknown,
			Message: fmt.Sprintf("%d folders could not be read, and the logs in them were left alone: let this user read them", f.skipped.Folders)}
	case len(p.work) == 0 && len(p.halves) == 0:
		p.message = fmt.Sprintf("nothing to do: %d logs are within the limits", len(f.logs))
	}
	if o.LogCopyTruncate && p.counts()["filesRotated"] > 0 {
		p.warnings = append(p.warnings, "--log-copy-truncate: lines that are written between the last reading and the truncation are lost, and a run that is killed between the two leaves lines twice; a program that reopens its log does not need it")
	}
	return p
}

// maxBytes is the size above which a log is rotated.
func maxBytes(o jobspec.Options) float64 { return o.MaxLogSizeMB * (1 << 20) }

// decide is what one log needs.
func (l log) decide(o jobspec.Options, now time.Time) (w work) {
	keep, settled := o.MaxLogFiles, 1 // the newest generation may still be written
	if l.live != nil && l.live.Size > 0 && float64(l.live.Size) > maxBytes(o) {
		var newest version
		if len(l.generations) > 0 {
			newest = l.generations[0].version
		}
		w.rotate = &rotation{*l.live, path.Base(l.path) + "." + next(now, newest).String()}
		keep, settled = keep-1, 0
	}
	for i, g := range l.generations {
		switch cut := g.plain != nil && g.packed != nil; {
		case i >= keep:
			w.delete = append(w.delete, g.entries()...)
		case g.plain != nil && (cut || o.CompressLogs && i >= settled):
			w.compress = append(w.compress, *g.plain)
		}
	}
	return w
}

func (w work) any() bool { return w.rotate != nil || len(w.delete) > 0 || len(w.compress) > 0 }

func (g generation) entries() (all []files.Entry) {
	for _, e := range []*files.Entry{g.plain, g.packed} {
		if e != nil {
			all = append(all, *e)
		}
	}
	return all
}

// notReopened warns where a program seems to write on in what was rotated.
func (l log) notReopened() []string {
	if l.live == nil || l.live.Size > 0 || len(l.generations) == 0 {
		return nil
	}
	newest := l.generations[0].plain
	if newest == nil || !newest.Modified.After(l.live.Modified) {
		return nil
	}
	return []string{fmt.Sprintf("%s was written after %s had taken its place: its program seems not to reopen its log; make it, or use --log-copy-truncate", newest.Path, l.path)}
}

func (p plan) counts() report.Counts {
	c := emptyCounts()
	for _, w := range p.work {
		if w.rotate != nil {
			c["filesRotated"]++
		}
		c["filesCompressed"] += int64(len(w.compress))
		c["filesDeleted"] += int64(len(w.delete))
		for _, e := range w.delete {
			c["bytesFreed"] += e.Size
		}
	}
	return c
}

func emptyCounts() report.Counts {
	return report.Counts{"filesRotated": 0, "filesDeleted": 0, "filesCompressed": 0, "bytesFreed": 0}
}

// items are all that is planned, in words. The names of new generations are not in them, so that the plan of a dry run has the digest of
// the run that follows.
func (p plan) items() (items []string) {
	for _, w := range p.work {
		if w.rotate != nil {
			items = append(items, "rotate "+w.rotate.log.Path)
		}
		for _, e := range w.delete {
			items = append(items, "delete "+e.Path)
		}
		for _, e := range w.compress {
			items = append(items, "compress "+e.Path)
		}
	}
	return items
}

// sampleSize is how many items a person is shown.
const sampleSize = 10

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Message: p.message, Warnings: p.warnings, Verdict: p.verdict}
	if items := p.items(); len(items) > 0 {
		shown.Sample = append(shown.Sample, items[:min(sampleSize, len(items))]...)
		shown.Digest = tasks.Digest(items)
	}
	return shown
}
