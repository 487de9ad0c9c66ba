package cleanuporphanedfilerecords

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// stage is how far a record whose file is missing has come.
type stage int

// The stages. The zero stage is the careful one.
const (
	fresh   stage = iota // to be noted
	waiting              // noted, and not due yet
	due                  // to be deleted
)

// stageOf is what becomes of a record that was noted then; the zero time: it was not. A note from the future was
// written by a wrong clock and is none. Gather asks it too, so as to count due records that it cannot hold, and to read
// who refers to those that it holds.
func stageOf(noted, now time.Time, grace time.Duration) stage {
	switch {
	case grace == 0:
		return due
	case noted.IsZero() || noted.After(now):
		return fresh
	case now.Before(noted.Add(grace)):
		return waiting
	}
	return due
}

// plan is what becomes of each missing record.
type plan struct {
	facts
	records [due + 1][]presence.Missing // by stage, each in the order of paths
	grace   time.Duration
	digest  string
	verdict *tasks.Verdict
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{facts: f, grace: o.GracePeriod}
	for _, m := range f.Missing {
		at := stageOf(m.Noted, f.now, p.grace)
		p.records[at] = append(p.records[at], m)
	}
	for _, list := range p.records {
		slices.SortFunc(list, byPath)
	}
	p.digest = p.digestOf(p.records[due])
	if p.verdict = tasks.Capped(p.removals(), p.digest, o.Limits); p.verdict == nil {
		p.verdict = p.outcome(f.Survey, p.message(int64(len(p.records[due])), "go"))
	}
	if v := p.verdict; v != nil && v.Reason == report.ReasonRootNotMounted {
		p.digest = cmp.Or(f.Acceptable(), p.digest) // the deletions need no approval
	}
	return p
}

// byPath is an order that does not depend on how a server reads: the same plan shows the same sample.
func byPath(a, b presence.Missing) int {
	if c := cmp.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	return cmp.Compare(a.Record.String(), b.Record.String())
}

// digestOf names the plan that these records go, with all that refers to them; empty where none goes.
func (p plan) digestOf(records []presence.Missing) string {
	if len(records) == 0 {
		return ""
	}
	items := p.referrers.All().Texts()
	for _, m := range records {
		items = append(items, fmt.Sprintf("%s %s: %s", p.library.Files.Collection, m.Record, m.Path))
	}
	return tasks.Digest(items)
}

// refused tells whether nothing will be executed.
func (p plan) refused() bool { return p.verdict != nil && p.verdict.Outcome == report.Refused }

// removals are the records of each root that would go, of those that could be judged.
func (p plan) removals() []tasks.Removal {
	list := make([]tasks.Removal, len(p.Roots))
	for i, r := range p.Roots {
		n := p.FiguresOf(i)
		list[i] = tasks.Removal{What: fmt.Sprintf("records of root %q", r.Path), N: n.UnheldDue, Total: n.Judged()}
	}
	for _, m := range p.records[due] {
		list[p.RootOf(m)].N++
	}
	return list
}

// outcome is nil where everything in these roots, as they are now, could be judged. A root in trouble affects its own
// records only, unless there is no other root. The message is what the run says otherwise.
func (p plan) outcome(now *presence.Survey, message string) *tasks.Verdict {
	v := &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonRootNotMounted, Message: message}
	troubles, mismatches := now.Troubles(), p.Mismatches()
	switch trouble := strings.Join(troubles, "; "); {
	case len(troubles) == len(now.Roots):
		v.Outcome, v.Message = report.Refused, "nothing was deleted: "+trouble
	case len(troubles) > 0:
		v.Message += "; records of some roots were not judged: " + trouble
	case len(mismatches) > 0:
		v.Reason = report.ReasonPathsMismatch
		v.Message += "; " + mismatches[0]
	case p.FoldersUnknown() > 0:
		v.Reason = report.ReasonDirectoriesUnknown
	default:
		return nil
	}
	return v
}

// message is one sentence on the run, in which so many records go, or were deleted.
func (p plan) message(n int64, verb string) string {
	s := "no file is missing"
	switch all := p.Figures(); {
	case all.Judged() == 0:
		s = "no record was checked"
	case all.Missing > 0:
		wait := len(p.records[fresh]) + len(p.records[waiting])
		s = fmt.Sprintf("%d files are missing: %d records %s, %d wait until their files have been missing for %s",
			all.Missing, n, verb, wait, inDays(p.grace))
	}
	if n := p.FoldersUnknown(); n > 0 {
		s += fmt.Sprintf("; %d folders could not be checked, and records below them were left alone", n)
	}
	if p.Recorded {
		var paths []string
		for _, r := range p.Roots {
			paths = append(paths, r.Path)
		}
		s += "; the roots are those of the library's own records: " + ellipsis.List(paths, tasks.SampleSize)
	}
	return s
}

// inDays is a duration for a person.
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%d days", d/day)
	}
	return d.String()
}
