package reprocessincompleteembeddings

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is the records to reset, in the groups in which they are queued.
type plan struct {
	facts
	groups [][]record
}

func decide(f facts, _ jobspec.Options) plan {
	return plan{facts: f, groups: slices.Collect(slices.Chunk(f.records, max(1, f.declared.Queue.Most)))}
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(int64(len(p.records)), int64(len(p.groups)))}
	for _, r := range tasks.First(p.records) {
		shown.Show(p.declared.Collection, bsonvalue.ObjectID(r.id), "reset and queued again")
	}
	if p.unfinished != nil {
		shown.Warnings = append(shown.Warnings,
			fmt.Sprintf("a run was interrupted while it queued %d records: this one completes that first",
				len(p.unfinished.IDs)))
	}
	tasks.Add(&shown.Warnings, p.waiting, "%d more records are incomplete and are queued by the next runs")
	tasks.Add(&shown.Warnings, p.nameless,
		"%d incomplete records have an id that is no ObjectID, which the application's queue cannot name, and were "+
			"left alone")
	return shown
}

func (p plan) counts(reset, queued int64) report.Counts {
	return report.Counts{"filesChecked": p.checked, "filesReset": reset, "tasksQueued": queued}
}
