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
// collection that does not exist gets no index, since that would create the collection.
//
// FAISS: one index for each provider, with one vector for each file that exists, scaled to length 1; package faiss
// describes the files. The vectors come from the declared sources: of several sound ones of a file and provider, the
// first counts. A sound vector is a list of finite numbers that are not all zero. Vectors that are not sound are left
// out and counted, and so are those whose length is not the declared one (without a declaration: the most frequent
// one), and those whose file does not exist or has no ObjectID. An index is never replaced by an empty one.
//
// A command that the server refuses does not end the run: the outcome is Partial, and names the command.
//
// Each source of vectors is read at most once: while it is read, the vectors go to a file without a name, which becomes
// the index or vanishes. Where there can be no such file, the source is read once more to write the index. No source is
// read while nothing shows a change: the server counts the same as before the last reading, the index files are the same,
// and a sample of each, chosen by the run, agrees with the database. In doubt, and every --vectors-read-days, all is read.
//
// Memory holds some 16 bytes for each file that exists, and 28 for each vector. Which files exist is learned from the
// first source where that is the files' own collection. While a unique index is missing, its fields are read once more
// to look for duplicates.
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
