// Package cleanupoldrecords is the task cleanup-old-records: it deletes the documents that the library declares as
// expiring and that are older than their parameter says, such as finished tasks (--task-retention-days) and journal
// entries (--journal-retention-days).
//
// Which documents may go the declaration says (tasks that are completed or failed). Any other is never touched, however
// old. A time may be a date, Unix seconds or milliseconds, or text in ISO 8601; see bsonvalue.TimeOf. What is no such
// value, lies before the year 2000 or more than a day ahead of the server's clock is not credible: the document is left
// alone, and a warning counts them.
//
// A document is deleted only while the fields that were judged still hold what was read, and is in maintenance's
// journal first. The caps on removals (--max-deletes, --max-delete-percent) do not apply here, on purpose: they catch a
// library that looks emptied by mistake, while in a queue most records expire sooner or later, so that a share of 5 %
// says nothing. What limits this task is the age of each record. One run deletes at most 100,000 records of each
// collection, which bounds memory and the journal; the rest goes with the next runs, and a warning counts it.
//
// What refers to an expired document is changed first, by the rule of the declared reference, as everywhere.
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
	steps := tasks.Steps[[]expired, plan]{
		Gather: gatherer{most}.gather, Plan: decide, Present: present, Execute: execute,
	}
	return steps.Task(jobspec.CleanupOldRecords)
}
