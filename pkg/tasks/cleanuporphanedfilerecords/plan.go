package cleanuporphanedfilerecords

import (
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is what becomes of each missing record.
type plan struct {
	facts
	due     []missing // to be deleted
	fresh   []missing // to be noted
	waiting []missing // noted, and not due yet
	grace   time.Duration
	digest  string
	verdict *tasks.Verdict
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{facts: f, grace: o.GracePeriod}
	if p.verdict = troubleOf(f.roots); p.verdict != nil {
		return p
	}
	var items []string
	for _, m := range f.missing {
		switch {
		case m.due:
			p.due = append(p.due, m)
			items = append(items, fmt.Sprintf("%s %s: %s", f.model.files, m.id, m.text()))
		case m.since.IsZero():
			p.fresh = append(p.fresh, m)
		default:
			p.waiting = append(p.waiting, m)
		}
	}
	if len(items) > 0 {
		p.digest = tasks.Digest(items)
	}
	if p.verdict = tasks.Capped(p.removals(), p.digest, o.Limits); p.verdict == nil {
		p.verdict = p.partial()
	}
	return p
}

// refused tells whether nothing will be executed.
func (p plan) refused() bool { return p.verdict != nil && p.verdict.Outcome == report.Refused }

// removals is how much of each root's records would go.
func (p plan) removals() []tasks.Removal {
	list := make([]tasks.Removal, len(p.roots))
	for i, r := range p.roots {
		list[i] = tasks.Removal{What: fmt.Sprintf("records of root %q", r.path), N: r.unheldDue, Total: r.records()}
	}
	for _, m := range p.due {
		list[m.root].N++
	}
	return list
}

// partial says that some folders could not be judged.
func (p plan) partial() *tasks.Verdict {
	if p.foldersUnknown() == 0 {
		return nil
	}
	return &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonDirectoriesUnknown, Message: p.message(int64(len(p.due)), "go")}
}

func (p plan) foldersUnknown() (n int64) {
	for _, r := range p.roots {
		n += r.folders
		if r.trouble != "" {
			n++
		}
	}
	return n
}

// message is one sentence on the run, in which so many records go, or were deleted.
func (p plan) message(n int64, verb string) string {
	var gone int64
	for _, r := range p.roots {
		gone += r.missing
	}
	s := "no file is missing"
	if gone > 0 {
		waiting := len(p.fresh) + len(p.waiting)
		s = fmt.Sprintf("%d files are missing: %d records %s, %d wait until their files have been missing for %s", gone, n, verb, waiting, inDays(p.grace))
	}
	if n := p.foldersUnknown(); n > 0 {
		s += fmt.Sprintf("; %d folders could not be listed, and nothing below them was judged", n)
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
