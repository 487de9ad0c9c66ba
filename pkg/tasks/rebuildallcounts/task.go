// Package rebuildallcounts is the task rebuild-all-counts: it recomputes the counters of tags, albums and directories from the
// files, and writes only those that differ.
//
// What is counted: a tag counts each file whose tag_ids hold its id, once however often; tag_ids that are no array count for
// nothing. A manual album counts the different files of its file_ids that exist; a smart one what its query counts, and an
// invalid query leaves its counter alone with a warning. A directory's child_count is the files and directories whose parent
// it is, though never itself; file_count and total_size are of the files in every directory that can be reached downwards
// from it, each once, so that the members of a cycle all count the whole cycle. A size that is no number above zero counts
// as no bytes.
//
// Counters are right under live writes: when the first reading finds a difference, those counters are read and counted once
// more, and only what both readings agree on is written, and only while the old value is still there. On a library that is
// right there is one scan of the files and no write. Numbers that are equal in another type (3, 3.0) are no difference.
package rebuildallcounts

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return tasks.Task{Name: jobspec.RebuildAllCounts, Access: tasks.Writes, Prepare: steps.Prepare}
}
