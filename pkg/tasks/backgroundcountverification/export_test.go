package backgroundcountverification

import (
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/tasks"
)

// TaskWith is the task with small batches and slices.
func TaskWith(batch, slice int) tasks.Task { return newTask(limits{batch: batch, slice: slice}) }

// Key is where the task saves its place.
func Key(l library.Library) checkpoint.Key { return key(l) }
