package cleanuporphanedfilerecords

import (
	"context"
	"hash/maphash"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/tasks"
)

// note is a note of an earlier run.
type note struct {
	first int64  // Unix milliseconds
	path  uint64 // the hash of the path that it is about
	met   bool   // the record is there, and nothing says that the note is wrong
}

func (s *scan) readNotes(ctx context.Context, env tasks.Env) error {
	s.seed = maphash.MakeSeed()
	return stores.MissingNotes(ctx, env.DB, func(n stores.MissingNote) {
		s.notes.Put(n.Record, note{first: n.FirstSeen.UnixMilli(), path: maphash.String(s.seed, n.Path)})
	})
}

// forget makes a note stale, if there is one.
func (s *scan) forget(id bsonvalue.ID) {
	if n, noted := s.notes.At(id); noted {
		n.met = false
		s.notes.Put(id, n)
	}
}

// endNotes finds the notes that are not true any more: of files that came back, and of records that are gone.
func (s *scan) endNotes() {
	for id, n := range s.notes.All() {
		if !n.met {
			s.stale = append(s.stale, id)
		}
	}
	s.notes = bsonvalue.IDMap[note]{}
}
