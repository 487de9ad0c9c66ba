// Package cleanupoldrecords is the task cleanup-old-records: it deletes finished task_records older than
// --task-retention-days and journal_entries older than --journal-retention-days.
//
// Finished is what the model lists (completed, failed). A task that is pending, running, of an unknown status or without one
// is never touched, however old. A time may be a BSON date or a number: one below 1e11 is taken as Unix seconds, which reach
// to the year 5138 then, any other as Unix milliseconds, which begin in March 1973 there. What is no such value, lies before
// the year 2000 or more than a day ahead is no time that can be trusted: the record is left alone, and a warning counts them.
//
// A record is deleted only while its status and its time still hold what was read, and is in maintenance's journal first. The
// caps on removals (--max-deletes, --max-delete-percent) do not apply here, on purpose: they catch a library that looks
// emptied by mistake, while in a queue most records expire sooner or later, so that a share of 5 % says nothing. What
// limits this task is the age of each record. One run deletes at most 100,000 records of each collection, which bounds memory
// and the journal; the rest goes with the next runs, and a warning counts it.
//
// It never touches maintenance's own journal, which expires by itself.
package cleanupoldrecords

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task { return task(maxRecords) }

// maxRecords is how many records of each collection one run deletes.
const maxRecords = 100_000

func task(most int) tasks.Task {
	steps := tasks.Steps[facts, plan]{
		Gather: gatherer{most}.gather, Plan: decide, Present: present, Execute: execute,
	}
	return tasks.Task{Name: jobspec.CleanupOldRecords, Access: tasks.Deletes, Prepare: steps.Prepare}
}
