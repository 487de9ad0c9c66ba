package cleanupoldrecords

import (
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is every deletion; there is nothing to decide beyond what was found.
type plan struct {
	facts
	digest string
}

func decide(f facts, _ jobspec.Options) plan {
	var items []string
	for _, x := range []expired{f.tasks, f.journal} {
		for _, r := range x.records {
			items = append(items, x.collection+" "+r.id.String())
		}
	}
	if len(items) == 0 {
		return plan{facts: f}
	}
	return plan{facts: f, digest: tasks.Digest(items)}
}

// sampleSize is how many of each kind a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: counts(int64(len(p.tasks.records)), int64(len(p.journal.records))), Digest: p.digest}
	for _, x := range []expired{p.tasks, p.journal} {
		for _, r := range x.records[:min(sampleSize, len(x.records))] {
			shown.Sample = append(shown.Sample, fmt.Sprintf("%s %s: of %s", x.collection, r.id, r.at.UTC().Format(time.RFC3339)))
		}
		shown.Warnings = append(shown.Warnings, x.warnings()...)
	}
	return shown
}

func (x expired) warnings() (warnings []string) {
	if x.timeless > 0 {
		warnings = append(warnings, fmt.Sprintf("%d %s have no time in %s that can be trusted and were left alone", x.timeless, x.what, x.time))
	}
	if x.waiting > 0 {
		warnings = append(warnings, fmt.Sprintf("%d more %s are past their age and go with the next runs", x.waiting, x.what))
	}
	return warnings
}

// deletion removes a record while it is what it was.
func (x expired) deletion(r record) mongodb.Deletion {
	still := map[string]mongodb.Value{x.time: r.time}
	if x.status != "" {
		still[x.status] = r.status
	}
	return mongodb.Deletion{ID: r.id, If: still}
}

func counts(tasks, journal int64) report.Counts {
	return report.Counts{"tasksDeleted": tasks, "journalDeleted": journal}
}
