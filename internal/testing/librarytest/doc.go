// Package librarytest generates libraries for tests and the demo, in the layouts of the real applications and as these
// write them: the documents of every collection with the dirt that real libraries hold, and the files on disk. Beside
// the generator are oracles: pure functions that say what each task should find, write and delete.
//
// A library is a function of its seed and its Options alone. The package must not import the product's declarations,
// tasks or database code: the tasks are checked against its oracles, so a mistake must not be able to be in both.
//
// The oracles of a Layout: Broken is what verify-references finds, Cleaned what cleanup-orphaned-records leaves,
// Mirrored what rebuild-album-references leaves, Recount (and Check, Drift) what the counting tasks write, Vectors
// what the FAISS files of database-optimization hold, Expired what cleanup-old-records deletes. Diff compares
// documents with them.
//
// What it plants, where Options.Dirt is above 0: arrays that are missing, null or no array; an id twice in one array;
// ids that are text and numbers; references that hold the same number in another type, or an ObjectID as hex text;
// dangling references in every field that refers; directories in cycles and below parents that do not exist; sizes of
// every type; counters that are missing, wrong, negative or of another type; smart albums with invalid queries; vectors
// of a wrong dimension, with text, or all zero; times of every type; names in NFC and NFD, with newlines and other odd
// characters; roots on Windows drives; records whose file is gone.
package librarytest
