package reprocessincompleteembeddings

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/naming"
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

// sampleSize is how many records a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(int64(len(p.records)), int64(len(p.groups)))}
	for _, r := range p.records[:min(sampleSize, len(p.records))] {
		document := naming.Document{Collection: p.declared.Collection, ID: bsonvalue.ObjectID(r.id)}
		shown.Documents = append(shown.Documents, tasks.Document{Document: document, Change: "reset and queued again"})
	}
	if p.unfinished != nil {
		shown.Warnings = append(shown.Warnings, fmt.Sprintf("a run was interrupted while it queued %d records: this one completes that first", len(p.unfinished.IDs)))
	}
	if p.waiting > 0 {
		shown.Warnings = append(shown.Warnings, fmt.Sprintf("%d more records are incomplete and are queued by the next runs", p.waiting))
	}
	if p.nameless > 0 {
		shown.Warnings = append(shown.Warnings, fmt.Sprintf("%d incomplete records have an id that is no ObjectID, which the application's queue cannot name, and were left alone", p.nameless))
	}
	return shown
}

func (p plan) counts(reset, queued int64) report.Counts {
	return report.Counts{"filesChecked": p.checked, "filesReset": reset, "tasksQueued": queued}
}
