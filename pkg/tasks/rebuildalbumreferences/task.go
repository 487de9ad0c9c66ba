// Package rebuildalbumreferences is the task rebuild-album-references: it makes every list that the library declares as
// a mirror say what the lists say that it mirrors, such as album_ids of the files what file_ids of the manual albums
// say.
//
// The mirrored lists are the truth, and are never written. They are read twice, and only what both readings say is
// changed. Ids are compared exactly, what is right keeps its place and its form, and a document whose list is right in
// any order is not touched. All that is changed is in the journal first, so that a restore undoes what was added as
// well as what was removed.
//
// Where the collection with the mirrored lists has no document at all, nothing is removed: the run refuses, unless the
// limits allow that very plan.
package rebuildalbumreferences

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.RebuildAlbumReferences)
}
