// Package cleanuporphanedrecords is the task cleanup-orphaned-records: it removes references to records that no longer exist
// from the tag_ids and album_ids of files and the file_ids of albums, corrects the file_count of those albums, clears a
// cover_id that leads nowhere, and removes embeddings of files that are gone.
//
// A reference is dangling only when its target was missing twice: from the reading of the whole collection, and from a look
// for that very id afterwards. What is null or missing refers to nothing and is left alone. A document is shortened only
// while the field still holds what was read. Every document that is shortened or deleted is in the journal first.
//
// A tags or albums collection that was emptied by mistake would make every reference dangle; the caps on removals
// (--max-deletes, --max-delete-percent of each collection) refuse that. It never touches a tag, a directory or a file on disk.
package cleanuporphanedrecords

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return tasks.Task{Name: jobspec.CleanupOrphanedRecords, Access: tasks.Deletes, Prepare: steps.Prepare}
}
