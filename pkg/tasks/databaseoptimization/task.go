// Package databaseoptimization is the task database-optimization: it compacts collections where that returns bytes to
// the file system, creates the indexes that the library declares, and rewrites the FAISS index files where they differ
// from the stored vectors.
//
// Compaction: the server is asked first what it would return; below --compact-threshold-mb nothing happens. It never
// runs where it holds up clients (on the primary of a replica set, through a mongos, on FerretDB 1), unless
// --compact-primary says so. What is reported as freed was measured.
//
// Indexes: missing ones are created. An index that is not declared is reported, and so is one that has the name or the
// fields of a declared one but differs from it; none is dropped. Documents that prevent a unique index are listed. A
// collection that does not exist gets no index, since that would create the collection. While a unique index is
// missing, its fields are read once more to look for duplicates.
//
// FAISS: package vectors compares and writes. All vectors are read in doubt, and every --vectors-read-days.
//
// A command that the server refuses does not end the run: the outcome is Partial, and names the command.
package databaseoptimization

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.DatabaseOptimization)
}
