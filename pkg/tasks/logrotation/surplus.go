package logrotation

import (
	"fmt"
	"slices"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logname"
	"ucorefs.io/maintenance/pkg/plaintext"
	"ucorefs.io/maintenance/pkg/tasks"
)

// quiet is how long a file must not have been written before it may be deleted or compressed, if the kernel cannot
// tell whether a program has it open: the program may run on another node. A program that writes nothing for a day
// and still has its log open is rare, and a log that is kept for a day too long does no harm.
const quiet = 24 * time.Hour

// idle tells whether no program writes a file, as far as can be known.
func (f facts) idle(e files.Entry) bool {
	if f.sights[e.Path].writing == files.WritingUnknown {
		return f.rests(e)
	}
	return f.sights[e.Path].writing == files.NotWritten
}

// rests tells whether a file was not written for the time quiet.
func (f facts) rests(e files.Entry) bool { return f.now.Sub(e.Modified) >= quiet }

// surplus are the logs to delete, by path: all but the newest keep logs of each family. Logs that may still be
// written are kept, with a warning.
func (f facts) surplus(keep int) (gone map[string]bool, warnings []string) {
	gone = map[string]bool{}
	for of, logs := range families(f.logs, keep) {
		if of.Counted && !f.inTurn(byNumber(logs)) {
			continue
		}
		newestFirst(logs)
		var stay int64
		for _, l := range logs[keep:] {
			if f.finished(l, of) {
				gone[l.path] = true
			} else {
				stay++
			}
		}
		tasks.Add(&warnings, stay,
			"kept %d more than --max-log-files=%d of %s: open for writing, or modified within %d hours",
			keep, plaintext.Line(of.String()), int(quiet.Hours()))
	}
	slices.Sort(warnings)
	return gone, warnings
}

// finished tells whether no program writes any file of a log. Names that differ only in a number are weak evidence,
// so the files of a counted family must not have been written for the time quiet, too: a program may open its log for
// each line.
func (f facts) finished(l log, in logname.Family) bool {
	for _, e := range l.files() {
		if !f.idle(e) || in.Counted && !f.rests(e) {
			return false
		}
	}
	return true
}

// inTurn tells whether the logs of a counted family, sorted by number, belong to one program that started them one
// after another: each was created after the last write to the one before it. Logs of several programs, such as
// worker-1 and worker-2, overlap in time, and each of them is the current log of its program. If creation times are
// unknown, the answer is no.
func (f facts) inTurn(logs []log) bool {
	for i, l := range logs[1:] {
		before := logs[i].written()
		if l.live == nil || len(l.generations) > 0 { // a rotation created the live file anew
			return false
		}
		if born := f.sights[l.path].born; born.IsZero() || born.Before(before) || l.written().Before(before) {
			return false
		}
	}
	return true
}

// files are all files of a log.
func (l log) files() (all []files.Entry) {
	if l.live != nil {
		all = append(all, *l.live)
	}
	for _, g := range l.generations {
		all = append(all, g.entries()...)
	}
	return append(all, l.archives...)
}

// written is when a log was last written. The empty file that a rotation created does not count.
func (l log) written() (at time.Time) {
	for _, e := range l.files() {
		fresh := e.Path == l.path && e.Size == 0 && len(l.generations) > 0
		if !fresh && e.Modified.After(at) {
			at = e.Modified
		}
	}
	return at
}

// reopen is the advice for a program that keeps writing to a file after its rotation.
const reopen = "make its program reopen its log, or use --log-copy-truncate"

// programs are warnings about the program that writes a log.
func (f facts) programs(l log) (warnings []string) {
	if l.live == nil {
		return nil
	}
	tasks.Add(&warnings, f.sights[l.path].nuls, "%[2]s starts with %[1]d NUL bytes, which are ignored: "+
		"its program does not append, so that truncation leaves a hole; make it open its log in append mode",
		plaintext.Line(l.path))
	if l.live.Size > 0 || len(l.generations) == 0 {
		return warnings
	}
	if newest := l.generations[0].plain; newest != nil && newest.Modified.After(l.live.Modified) {
		warnings = append(warnings, fmt.Sprintf("%s was written after the rotation of %s: %s",
			plaintext.Line(newest.Path), plaintext.Line(l.path), reopen))
	}
	return warnings
}
