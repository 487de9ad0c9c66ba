package rebuildallcounts

import (
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

// The places of the kinds in lists of them.
const (
	tags = iota
	albums
	directories
)

func kindsOf(m library.Model) [3]recount.Kind {
	t, a, d := recount.Kinds(m)
	return [3]recount.Kind{t, a, d}
}

// countKeys are the keys under which corrected documents of each kind are reported.
var countKeys = [3]string{"tagsUpdated", "albumsUpdated", "directoriesUpdated"}

// reading is one complete look at all counters, or one limited to some: of each kind only the documents that differ are kept.
type reading struct {
	files     int64
	differing [3][]recount.Document
	warnings  []string
}

func (r *reading) keep(kind int, d recount.Document) {
	if d.Differs() {
		r.differing[kind] = append(r.differing[kind], d)
	}
}

// clean tells whether nothing differs.
func (r reading) clean() bool {
	return len(r.differing[tags])+len(r.differing[albums])+len(r.differing[directories]) == 0
}

// scope limits a reading to some documents; a nil scope is all of them.
type scope struct{ tags, albums, directories mongodb.IDSet }

// scopeOf is the documents that differ in r.
func scopeOf(r reading) *scope {
	s := &scope{}
	for kind, ids := range []*mongodb.IDSet{&s.tags, &s.albums, &s.directories} {
		for _, d := range r.differing[kind] {
			ids.Add(d.ID)
		}
	}
	return s
}

// has tells whether ids holds id, or there is no limit.
func has(limited bool, ids *mongodb.IDSet, id mongodb.ID) bool { return !limited || ids.Has(id) }
