// Package rebuildalbumreferences is the task rebuild-album-references: it makes the album_ids of every file say what the
// file_ids of the manual albums say. Smart albums leave no references.
//
// What the albums say is the truth, and album_ids follows from it: a reference to a smart album, to an album that does not
// exist or that does not list the file goes, as does the same id given twice; a missing one is added behind the others. A
// file whose album_ids are right in any order, or missing where there are none, is not touched. It never writes an album.
//
// A live library changes between the reading of an album and of its files, so the albums are read again before anything is
// planned: a reference is added or removed only where both readings agree, and only while the file still says what it said.
package rebuildalbumreferences

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return tasks.Task{Name: jobspec.RebuildAlbumReferences, Access: tasks.Writes, Prepare: steps.Prepare}
}
