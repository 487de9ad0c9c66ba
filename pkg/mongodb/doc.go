// Package mongodb reads a library's collections as streams and writes to them in batches. Below it are the connection
// to the server (connection), maintenance's own records (stores) and the administration of the server (admin); these
// four are the only owners of the MongoDB driver.
//
// What reads cannot write: a Reader has no method that does, and a Writer comes only from a Lease, the exclusive lock
// that its run holds. No write is sent once that lock is lost.
//
// Tasks see documents as bson.Raw, ids and field values as bsonvalue.Value, and never a driver type. It must not know
// the layout of a library.
package mongodb

// Maintenance's own collections; they live in the library's database and no task may touch them but through this
// package.
const (
	LocksCollection       = "maintenance_locks"
	CheckpointsCollection = "maintenance_checkpoints"
	JournalCollection     = "maintenance_journal"
	MissingCollection     = "maintenance_missing"
)
