// Package reprocessincompleteembeddings is the task reprocess-incomplete-embeddings: it finds records that the
// application takes for processed although what processing should have made is missing, resets them, and puts them into
// the application's queue. The library declares which records those are, what is set, and what the queue holds. The
// application takes what is waiting there when it starts.
//
// A record that a waiting document of the queue names already is left alone. Reset and queue go together: before each
// step the run saves what it is about to do, so that a run that is killed between the two is completed by the next. A
// record that was reset and not queued would never be looked at again. A record is reset only while it is what it was,
// and is in the journal first. What is in the queue is not taken back by a restore: the application then processes
// records that need no processing.
//
// It computes no embedding, and must not start the application's work in any other way.
package reprocessincompleteembeddings

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task { return task(maxRecords) }

// maxRecords is how many records one run resets, which bounds its memory, its journal and the application's queue.
const maxRecords = 100_000

func task(most int) tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gatherer{most}.gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.ReprocessIncompleteEmbeddings)
}
