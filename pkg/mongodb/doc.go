// Package mongodb is the only owner of the MongoDB driver: it connects, finds out what the server can do, reads collections
// as streams, writes in batches, and keeps maintenance's own records (locks, checkpoints, the journal).
//
// What reads cannot write: a Reader has no method that does, and a Writer comes only from a Lease, the exclusive lock
// that its run holds. No write is sent once that lock is lost.
//
// Tasks see documents as bson.Raw, ids and field values as bsonvalue.Value, and never a driver type. What differs
// between servers (MongoDB, FerretDB, DocumentDB-style ones) is decided once, in Facts.
//
// It must never print a connection string, nor put a part of one into an error.
package mongodb

// Maintenance's own collections; they live in the library's database and no task may touch them but through this package.
const (
	LocksCollection       = "maintenance_locks"
	CheckpointsCollection = "maintenance_checkpoints"
	JournalCollection     = "maintenance_journal"
	MissingCollection     = "maintenance_missing"
)
