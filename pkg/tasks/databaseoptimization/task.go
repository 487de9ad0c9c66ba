// Package databaseoptimization is the task database-optimization: it compacts collections where bytes would really come back,
// creates the indexes that the library declares, and writes the FAISS index files again where they differ from the vectors.
//
// Compaction: the server is asked first what it would return; below --compact-threshold-mb nothing happens. It never runs where it
// holds up clients, on the primary of a replica set, through a mongos, on FerretDB 1, unless --compact-primary says so. What is
// reported as freed was measured.
//
// Indexes: missing ones are created. An index that nobody declared is reported, and so is one that has the name or the fields of
// a declared one and is another; none is dropped. Documents that stand in the way of a unique index are listed. A collection that
// does not exist gets no index, since that would make the collection.
//
// FAISS: of each provider, the vectors of files that exist, scaled to the length 1; package faiss says what the files look like.
// The ObjectIDs are those of the files. Where several sources have a vector of a file and provider, the first that an index can hold
// counts. Left out, and counted, are vectors of another length than the declared one (where none is: the most frequent), with a NaN or
// an infinity, of length zero, or that are no numbers, and those whose file has no ObjectID or does not exist. An index is never
// replaced by an empty one.
//
// What the server refuses to do does not end the run: the outcome is Partial, and names the command.
//
// It reads each source of vectors once to compare them with the index files, and once more only where a file must be written: the
// digest of a provider is known at the end only, and a dry run must not write. The ids of the files that exist are held, and those of
// the files whose vector is known, some 20 bytes each; they are learned while the first source is read where that is the files' own
// collection. In the second reading the ObjectIDs are held: 12 bytes for a vector. While a unique index is missing, its fields are
// read once more to look for duplicates.
package databaseoptimization

import (
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return tasks.Task{Name: jobspec.DatabaseOptimization, Access: tasks.Writes, Prepare: steps.Prepare}
}
