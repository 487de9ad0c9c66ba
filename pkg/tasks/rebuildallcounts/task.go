// Package rebuildallcounts is the task rebuild-all-counts: it recomputes every counter that the library declares, and
// writes only those that differ.
//
// What a counter counts is said in pkg/recount. A stored query is counted by the server, once however many documents
// store it; a query that the server cannot run, or that is never sent to it, leaves its counter alone with a warning.
//
// Counters are right under live writes: when the first reading finds a difference, those counters are read and counted
// once more, and only what both readings agree on is written, and only while the old value is still there. On a library
// that is right there is one scan of each collection and no write.
package rebuildallcounts

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute, Help: help}
	return steps.Task(jobspec.RebuildAllCounts)
}
