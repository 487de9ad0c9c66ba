package jobspec

// Access is what a task does to the library, which decides the lock that it takes and the rights that it needs.
type Access int

// Deletes and Writes hold the lock alone; ReadOnly tasks share it and write nothing. The zero Access is the careful
// one.
const (
	Deletes  Access = iota // removes documents, references or files
	Writes                 // changes derived values only: counters, references, indexes
	ReadOnly               // reads
)
