// Package verifyreferences is the task verify-references: it reports references to records that do not exist, and changes
// nothing.
//
// It looks at tag_ids, album_ids, parent_id and root_id of files, file_ids and cover_id of albums, parent_id of tags, albums
// and directories, and file_id of embeddings. A reference counts once for each document, field and target, however often it
// stands in an array; null and a missing field refer to nothing. A target counts as missing only when it was missing twice:
// from the reading of its whole collection, and from a look for that very id afterwards, since a live library grows while it
// is read.
package verifyreferences

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, findings]{Gather: gather, Plan: decide, Present: present}
	return tasks.Task{Name: jobspec.VerifyReferences, Access: tasks.ReadOnly, Prepare: steps.Prepare}
}
