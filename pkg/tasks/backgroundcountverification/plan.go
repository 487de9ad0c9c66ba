package backgroundcountverification

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/recount/round"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is what to correct, and where the round is when that is done.
type plan struct {
	facts
	drifted  [][]round.Drifted // by collection
	found    int               // how many they are
	coverage int64             // percent
}

func decide(f facts, _ jobspec.Options) plan {
	found := f.scan.Conclude()
	p := plan{facts: f, drifted: found.Drifted, found: found.Found, coverage: 100}
	p.unsure += found.Unsure
	if !p.complete {
		p.coverage = p.place.Coverage(p.documents)
	}
	return p
}

// without is the plan where some corrections are not written for want of time: the next run finds them at the end of
// the scan that found them.
func (p plan) without(late round.Entries) plan {
	if len(late) > 0 {
		p.complete, p.spent, p.place = false, true, p.scan.Place
		p.place.Entries = late
		p.coverage = p.place.Coverage(0)
	}
	return p
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Message: p.message(), Verdict: p.verdict()}
	shown.Warnings = p.warnings
	for kind, some := range p.drifted {
		for _, d := range tasks.First(some) {
			shown.Show(p.collections[kind].Name, d.ID, d.Describe())
		}
	}
	tasks.Add(&shown.Warnings, p.unsure, "%d documents changed while they were counted and are left for the next round")
	return shown
}

func (p plan) counts() report.Counts {
	return report.Counts{
		"filesScanned": p.files, "driftFound": int64(p.found), "driftFixed": 0, "coveragePercent": p.coverage,
	}
}

func (p plan) message() string {
	drift := "no counter drifted"
	if p.found > 0 {
		drift = fmt.Sprintf("counters of %d documents drifted", p.found)
	}
	if p.complete {
		return drift + "; the round is complete"
	}
	return fmt.Sprintf("%s; the round is at %d %%, and the next run goes on from there", drift, p.coverage)
}

// verdict is Paused unless the round is complete.
func (p plan) verdict() *tasks.Verdict {
	if p.complete {
		return nil
	}
	v := &tasks.Verdict{Outcome: report.Paused, Message: p.message()}
	if p.spent {
		v.Reason = report.ReasonTimeBudgetSpent
	}
	return v
}
