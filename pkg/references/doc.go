// Package references finds the references of a declared library that lead nowhere, and says what becomes of the
// documents that hold them. One rule serves every task: the declaration's.
//
// Find reads each collection once and finds what is missing already. It is all that verify-references needs;
// Findings.Gather adds what depends on documents that have to go:
//
//	findings, err := references.Find(ctx, db, lib, progress)
//	referrers, err := findings.Gather(ctx, db, progress)
//	plan := referrers.All()                             // pure: printable, comparable, with its counts
//	conflicts, err := plan.Execute(ctx, writer, run, progress, counts)
//
// A task that is about to delete documents itself asks who refers to them, once for all, and makes the changes batch by
// batch, each before its documents are deleted:
//
//	referrers, err := references.Gather(ctx, db, lib, "file_records", due, progress) // in the task's gather
//	referrers.All().Count(counts)                                                  // what its plan may say
//	for batch := range slices.Chunk(due, 500) {                                    // in its execute
//		// the last look at the batch's files
//		cleared, err := referrers.For(batch).Clear(ctx, writer, run, counts)
//		// then the batch's own documents, with a stores.Journal's Delete
//	}
//
// An ObjectID and the text of its 24 hex digits are one id. A reference that may lead into several collections is
// broken only if none of them has the document. An id counts each time it occurs, also twice in one list. Null, a
// missing field, a list field that holds no list and a single field that holds one refer to nothing.
//
// In memory are ids, never documents: a plan names what a document loses, and Execute computes the values from the
// document as it is then. The package deletes no document that the declaration does not say depends on a missing one,
// and changes no id from one form into the other.
package references
