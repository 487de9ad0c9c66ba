package cleanuporphanedfilerecords

import (
	"context"
	"hash/maphash"
	"time"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// notes are those of earlier runs, by record.
type notes struct {
	of   bsonvalue.IDMap[note]
	seed maphash.Seed
}

// note is a note of an earlier run.
type note struct {
	first int64  // Unix milliseconds
	path  uint64 // the hash of the path that it is about
	met   bool   // the record is there, and nothing says that the note is wrong
}

func (n *notes) read(ctx context.Context, db *mongodb.Reader) error {
	n.seed = maphash.MakeSeed()
	return stores.MissingNotes(ctx, db, func(m stores.MissingNote) {
		n.of.Put(m.Record, note{first: m.FirstSeen.UnixMilli(), path: maphash.String(n.seed, m.Path)})
	})
}

// met says whether the note about a record may be true, if there is one.
func (n *notes) met(record bsonvalue.ID, met bool) {
	if one, noted := n.of.At(record); noted {
		one.met = met
		n.of.Put(record, one)
	}
}

// since is when a record with this path was noted; zero: it is not.
func (n *notes) since(record bsonvalue.ID, path string) time.Time {
	if one, noted := n.of.At(record); noted && one.path == maphash.String(n.seed, path) {
		return time.UnixMilli(one.first).UTC()
	}
	return time.Time{}
}

// stale are the notes that are not true any more: of files that came back, and of records that are gone.
func (n *notes) stale() (records []bsonvalue.ID) {
	for id, one := range n.of.All() {
		if !one.met {
			records = append(records, id)
		}
	}
	return records
}
