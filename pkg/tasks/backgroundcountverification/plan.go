package backgroundcountverification

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// sampleSize is how many documents of each kind a person is shown.
const sampleSize = 5

func present(f facts) tasks.Plan {
	shown := tasks.Plan{Counts: f.counts(), Message: f.message(), Warnings: f.warnings, Verdict: f.verdict()}
	for kind, changes := range f.changes {
		for _, c := range changes[:min(sampleSize, len(changes))] {
			shown.Sample = append(shown.Sample, f.kinds[kind].Words(c.document))
		}
	}
	if f.unsure > 0 {
		shown.Warnings = append(shown.Warnings, fmt.Sprintf("%d documents changed while they were counted and are left for the next round", f.unsure))
	}
	return shown
}

func (f facts) counts() report.Counts {
	return report.Counts{"filesScanned": f.files, "driftFound": int64(f.found()), "driftFixed": 0, "coveragePercent": f.coverage}
}

func (f facts) message() string {
	drift := "no counter drifted"
	if n := f.found(); n > 0 {
		drift = fmt.Sprintf("counters of %d documents drifted", n)
	}
	if f.complete {
		return drift + "; the round is complete"
	}
	return fmt.Sprintf("%s; the round is at %d %%, and the next run goes on from there", drift, f.coverage)
}

// verdict is Paused unless the round is complete.
func (f facts) verdict() *tasks.Verdict {
	if f.complete {
		return nil
	}
	v := &tasks.Verdict{Outcome: report.Paused, Message: f.message()}
	if f.spent {
		v.Reason = report.ReasonTimeBudgetSpent
	}
	return v
}
