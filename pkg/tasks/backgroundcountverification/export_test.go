package backgroundcountverification

import (
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/tasks"
)

// TaskWith is the task with small pages and slices.
func TaskWith(page, slice int) tasks.Task { return newTask(limits{page: page, slice: slice}) }

// Key is where the task saves its place.
func Key(l library.Library) checkpoint.Key { return key(l) }
