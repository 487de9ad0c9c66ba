package cleanuporphanedfilerecords

import (
	"context"
	"hash/maphash"
	"path"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
	bsonscan "ucorefs.io/maintenance/pkg/scan"
)

// judged are the fields by which records are judged.
type judged struct {
	*bsonscan.Fields
	path    int
	without bsonscan.Where
}

func newJudged(files *library.Files) judged {
	fields := bsonscan.NewFields()
	return judged{fields, fields.Position(files.Path), fields.Where(files.Without)}
}

// classify counts one record, and tells whether a note about it stays.
func (s *scan) classify(row bsonscan.Row, id bsonvalue.ID, n note, noted bool) bool {
	if len(s.fields.without) > 0 && s.fields.without.MayMatch(row) {
		s.fileless++
		return false
	}
	recorded, isString := row[s.fields.path].StringValueOK()
	if !isString {
		s.pathless++
		return true
	}
	l, ok := s.placed.Add(recorded)
	if !ok {
		return true
	}
	at := s.sectionOf(l)
	c, r := s.sections[at], s.roots[l.Root]
	if r.index == nil {
		c.unknown++
		return true
	}
	switch r.index.Judge(l.File) {
	case roots.Alive:
		c.alive++
		r.sawAlive(l.File)
		return false
	case roots.Unknown:
		c.unknown++
		if roots.Garbled(l.File) {
			s.garbled++
		}
		return true
	}
	m := missing{id: id, path: bsonvalue.Of(row[s.fields.path]), section: at, due: s.env.Options.GracePeriod == 0}
	if since := time.UnixMilli(n.first).UTC(); noted && n.path == maphash.String(s.seed, recorded) && s.credible(since) {
		m.since = since
		m.due = !s.now.Before(since.Add(s.env.Options.GracePeriod))
	}
	s.sawMissing(c, m)
	return true
}

// credible tells whether a note may have been written then: one from the future was written by a wrong clock.
func (s *scan) credible(noted time.Time) bool { return !noted.After(s.now) }

// isFileless tells whether a record has no file by declaration, as far as its flag can be read.
func (f *facts) isFileless(doc bson.Raw) bool {
	without := f.library.Files.Without
	return len(without) > 0 && without.MayMatch(doc)
}

func (s *scan) sawMissing(c *section, m missing) {
	c.missing++
	if len(s.missing) < s.most {
		s.missing = append(s.missing, m)
		return
	}
	c.unheld++
	if m.due {
		c.unheldDue++
	}
}

// note is a note of an earlier run.
type note struct {
	first int64  // Unix milliseconds
	path  uint64 // the hash of the path that it is about
	met   bool   // the record is there, and nothing says that the note is wrong
}

func (s *scan) readNotes(ctx context.Context) error {
	s.seed = maphash.MakeSeed()
	err := stores.MissingNotes(ctx, s.env.DB, func(n stores.MissingNote) {
		s.notes.Put(n.Record, note{first: n.FirstSeen.UnixMilli(), path: maphash.String(s.seed, n.Path)})
	})
	if err != nil {
		return err
	}
	return s.room.Take(bytesOfNote * int64(s.notes.Len()))
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

// recheck keeps of the missing ones those that a second, exact look does not find either and that nothing makes
// doubtful; then it is known which notes are stale.
func (s *scan) recheck(ctx context.Context) error {
	verdicts, err := s.verify(ctx, s.missing, s.roots)
	if err != nil {
		return err
	}
	still := s.missing[:0]
	for i, m := range s.missing {
		c, r := s.sections[m.section], s.roots[s.rootOf(m)]
		l, _ := s.where.Locate(m.text())
		switch verdicts[i] {
		case roots.Missing:
			still = append(still, m)
			continue
		case roots.Alive:
			c.alive++
			r.sawAlive(l.File)
			s.forget(m.id)
		case roots.Unknown:
			c.unknown++
			r.lost(path.Dir(l.File))
		}
		c.missing--
	}
	s.missing = still
	s.disbelieve()
	s.endNotes()
	return nil
}

// verify judges missing records once more, by fresh listings and by asking the disk. In a root that is not open they
// are Unknown.
func (f *facts) verify(ctx context.Context, list []missing, in []*root) ([]roots.Verdict, error) {
	verdicts := make([]roots.Verdict, len(list))
	for at, r := range in {
		if r.disk == nil {
			continue
		}
		var files []string
		var of []int // the place in list of each file
		for i, m := range list {
			if f.rootOf(m) == at {
				l, _ := f.where.Locate(m.text())
				files, of = append(files, l.File), append(of, i)
			}
		}
		found, err := roots.Look(ctx, r.tree(1), files)
		if err != nil {
			return nil, err
		}
		for j, v := range found {
			verdicts[of[j]] = v
		}
	}
	return verdicts, nil
}
