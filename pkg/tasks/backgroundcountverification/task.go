// Package backgroundcountverification is the task background-count-verification: the light form of rebuild-all-counts
// for every hour. It spends at most --time-budget, goes on where the last run stopped, and corrects what drifted.
//
// A round covers every declared counter once. The documents with counters are divided into slices by a hash of their
// ids, so that what must be remembered of a slice between two runs, some 40 bytes for each document, stays below
// the 16 MiB that a checkpoint may take: one slice up to about 140,000 documents, then 2, 4, 8. A slice is counted by
// one scan of the collections that are counted, in batches, which may take several runs; where a counter differs, those
// that differ are counted by a second scan. So a round takes at most
//
//	slices × 2 × (⌈T / budget⌉ + 1) runs, half of that where nothing drifted
//
// T being the time that such a scan and the stored queries take; and more only where the corrections do not fit into
// the budget either: then a run writes 500 of one collection at least. Ten million files in half a million directories
// are 4 slices. Keeping every counter of a large library in the checkpoints would save scans and write hundreds of
// megabytes every hour; asking the server for each tag and directory would need no checkpoint, but an index for each
// field, and has no answer for what lies below a directory.
//
// The reading of the documents with counters, when a run begins and when a scan ends, may exceed the budget, beside the
// batch that is being read: each run reads one batch at least. Corrections that do not fit into the budget are the next
// run's first work.
//
// A counter is corrected only where both scans came to the same, where it held the same value from before the first
// until after the second, at the beginning of each run between them too, and while it still does. A scan of many hours
// sees no single moment, so what changes meanwhile is left to the next round. A stored query is counted by the server;
// one that takes longer than the budget is left to rebuild-all-counts.
//
// A run saves its place every ten seconds while it counts, and at its end, after it has written. So a run that is
// killed anywhere costs the counting of ten seconds, or of one batch where a batch takes longer; what it found is found
// again, and nothing is lost or counted twice. A checkpoint of another format or of another declaration is not looked
// at.
package backgroundcountverification

import (
	"context"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	return newTask(limits{batch: mongodb.DefaultBatchSize, slice: 8 << 20})
}

// limits are what tests make small.
type limits struct {
	batch int // documents that are read between two looks at the budget
	slice int // bytes that the first slice may take in a checkpoint; a later one half as many more, since libraries grow
}

func newTask(l limits) tasks.Task {
	steps := tasks.Steps[facts, plan]{
		Gather:  func(ctx context.Context, env tasks.Env) (facts, error) { return gather(ctx, env, l) },
		Plan:    decide,
		Present: present,
		Execute: execute,
	}
	return steps.Task(jobspec.BackgroundCountVerification)
}
