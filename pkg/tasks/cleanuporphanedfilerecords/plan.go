package cleanuporphanedfilerecords

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is what becomes of each missing record.
type plan struct {
	facts
	due     []missing // to be deleted, in the order of their paths
	fresh   []missing // to be noted
	waiting []missing // noted, and not due yet
	grace   time.Duration
	digest  string
	verdict *tasks.Verdict
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{facts: f, grace: o.GracePeriod}
	var items []string
	for _, m := range f.missing {
		switch {
		case m.due:
			p.due = append(p.due, m)
			items = append(items, fmt.Sprintf("%s %s: %s", f.library.Files.Collection, m.id, m.text()))
		case m.since.IsZero():
			p.fresh = append(p.fresh, m)
		default:
			p.waiting = append(p.waiting, m)
		}
	}
	slices.SortFunc(p.due, func(a, b missing) int {
		return cmp.Or(cmp.Compare(f.rootOf(a), f.rootOf(b)), cmp.Compare(a.text(), b.text()))
	})
	if len(items) > 0 {
		p.digest = tasks.Digest(append(items, f.referrers.All().Texts()...))
	}
	if p.verdict = tasks.Capped(p.removals(), p.digest, o.Limits); p.verdict == nil {
		p.verdict = p.outcome(f.roots, p.message(int64(len(p.due)), "go"))
	}
	if v := p.verdict; v != nil && v.Reason == report.ReasonRootNotMounted {
		p.digest = cmp.Or(f.acceptable(), p.digest) // the deletions need no approval
	}
	return p
}

// refused tells whether nothing will be executed.
func (p plan) refused() bool { return p.verdict != nil && p.verdict.Outcome == report.Refused }

// removals are the records of each root that would go, of those that could be judged.
func (p plan) removals() []tasks.Removal {
	list := make([]tasks.Removal, len(p.roots))
	for i, r := range p.roots {
		n := p.figuresOf(i)
		list[i] = tasks.Removal{What: fmt.Sprintf("records of root %q", r.Path), N: n.unheldDue, Total: n.judged()}
	}
	for _, m := range p.due {
		list[p.rootOf(m)].N++
	}
	return list
}

// message is one sentence on the run, in which so many records go, or were deleted.
func (p plan) message(n int64, verb string) string {
	s := "no file is missing"
	switch all := p.sum(func(*section) bool { return true }); {
	case all.judged() == 0:
		s = "no record was checked"
	case all.missing > 0:
		waiting := len(p.fresh) + len(p.waiting)
		s = fmt.Sprintf("%d files are missing: %d records %s, %d wait until their files have been missing for %s",
			all.missing, n, verb, waiting, inDays(p.grace))
	}
	if n := p.foldersUnknown(); n > 0 {
		s += fmt.Sprintf("; %d folders could not be checked, and records below them were left alone", n)
	}
	if p.recorded {
		var paths []string
		for _, r := range p.roots {
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
