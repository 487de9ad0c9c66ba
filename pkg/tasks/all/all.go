// Package all is the explicit list of the tasks of this release. Nothing registers itself: what is not listed here does
// not run.
package all

import (
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/backgroundcountverification"
	"ucorefs.io/maintenance/pkg/tasks/cachecleanup"
	"ucorefs.io/maintenance/pkg/tasks/cleanupoldrecords"
	"ucorefs.io/maintenance/pkg/tasks/cleanuporphanedfilerecords"
	"ucorefs.io/maintenance/pkg/tasks/cleanuporphanedrecords"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
	"ucorefs.io/maintenance/pkg/tasks/fixfiletypes"
	"ucorefs.io/maintenance/pkg/tasks/logrotation"
	"ucorefs.io/maintenance/pkg/tasks/rebuildalbumreferences"
	"ucorefs.io/maintenance/pkg/tasks/rebuildallcounts"
	"ucorefs.io/maintenance/pkg/tasks/reprocessincompleteembeddings"
	"ucorefs.io/maintenance/pkg/tasks/verifyreferences"
)

// Tasks are all tasks, in the order in which lists and the documentation show them.
func Tasks() []tasks.Task {
	return []tasks.Task{
		rebuildallcounts.Task(),
		rebuildalbumreferences.Task(),
		verifyreferences.Task(),
		cleanuporphanedrecords.Task(),
		backgroundcountverification.Task(),
		databaseoptimization.Task(),
		cachecleanup.Task(),
		logrotation.Task(),
		cleanuporphanedfilerecords.Task(),
		cleanupoldrecords.Task(),
		fixfiletypes.Task(),
		reprocessincompleteembeddings.Task(),
	}
}
