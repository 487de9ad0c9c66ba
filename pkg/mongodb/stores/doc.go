// Package stores is what maintenance keeps of its own in a library's database: the journal of what runs changed, and
// how it is undone; the places from which runs go on; what is known of library roots; and which files were found
// missing.
//
// It must not decide what a run changes. Locks are not here: they are what a Writer is made of, so pkg/mongodb has
// them.
package stores
