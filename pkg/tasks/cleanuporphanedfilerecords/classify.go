package cleanuporphanedfilerecords

import (
	"hash/maphash"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/roots"
)

// classify counts one record, and tells whether a note about it stays.
func (s *scan) classify(doc bson.Raw, id bsonvalue.ID, n note, noted bool) bool {
	if s.isFileless(doc) {
		s.fileless++
		return false
	}
	recorded, isString := doc.Lookup(s.library.Files.Path).StringValueOK()
	if !isString {
		s.pathless++
		return true
	}
	l, ok := s.where.Locate(recorded)
	if !ok {
		s.unplaced++
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
	m := missing{id: id, path: bsonvalue.Reference(doc, s.library.Files.Path), section: at, due: s.grace == 0}
	if since := time.UnixMilli(n.first).UTC(); noted && n.path == maphash.String(s.seed, recorded) && s.credible(since) {
		m.since = since
		m.due = !s.now.Before(since.Add(s.grace))
	}
	s.sawMissing(c, m)
	return true
}

// credible tells whether a note may have been written then: one from the future was written by a wrong clock.
func (s *scan) credible(noted time.Time) bool { return !noted.After(s.now) }

// isFileless tells whether a record has no file by declaration.
func (f *facts) isFileless(doc bson.Raw) bool {
	without := f.library.Files.Without
	return len(without) > 0 && without.Matches(doc)
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
