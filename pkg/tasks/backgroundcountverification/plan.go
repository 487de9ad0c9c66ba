package backgroundcountverification

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is what to correct, and where the round is when that is done.
type plan struct {
	facts
	end end // where all that drifted was corrected
}

// end is where the round is when a run ends.
type end struct {
	complete, spent bool
	coverage        int64 // percent
	place           state
}

func decide(f facts, _ jobspec.Options) plan {
	e := end{complete: f.complete, spent: f.spent, coverage: 100, place: f.place}
	if !f.complete {
		e.coverage = f.place.coverage(f.documents)
	}
	return plan{f, e}
}

// endWith is where the round is when some corrections were not written for want of time: the next run finds them at the
// end of the scan that found them.
func (p plan) endWith(late entries) end {
	if len(late) == 0 {
		return p.end
	}
	place := p.scanEnd
	place.Entries = late
	return end{spent: true, coverage: place.coverage(0), place: place}
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(p.end), Message: p.message(p.end), Verdict: p.verdict(p.end)}
	shown.Warnings = p.warnings
	for kind, some := range p.drifted {
		for _, d := range tasks.First(some) {
			shown.Show(p.collections[kind].Name, d.ID, d.Describe())
		}
	}
	tasks.Add(&shown.Warnings, p.unsure, "%d documents changed while they were counted and are left for the next round")
	return shown
}

func (p plan) counts(e end) report.Counts {
	return report.Counts{
		"filesScanned": p.files, "driftFound": int64(p.found), "driftFixed": 0, "coveragePercent": e.coverage,
	}
}

func (p plan) message(e end) string {
	drift := "no counter drifted"
	if p.found > 0 {
		drift = fmt.Sprintf("counters of %d documents drifted", p.found)
	}
	if e.complete {
		return drift + "; the round is complete"
	}
	return fmt.Sprintf("%s; the round is at %d %%, and the next run goes on from there", drift, e.coverage)
}

// verdict is Paused unless the round is complete.
func (p plan) verdict(e end) *tasks.Verdict {
	if e.complete {
		return nil
	}
	v := &tasks.Verdict{Outcome: report.Paused, Message: p.message(e)}
	if e.spent {
		v.Reason = report.ReasonTimeBudgetSpent
	}
	return v
}
