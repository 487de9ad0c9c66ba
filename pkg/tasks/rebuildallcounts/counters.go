package rebuildallcounts

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// counter is one counter field of one document: as it is stored, and as it should be.
type counter struct {
	stored mongodb.Value
	want   int64
}

func (c counter) differs() bool { return c.stored != mongodb.Int(c.want) }

// document is the counters of one document, in the order of its collection's fields.
type document struct {
	id       mongodb.ID
	counters []counter
}

func (d document) differs() bool {
	for _, c := range d.counters {
		if c.differs() {
			return true
		}
	}
	return false
}

// kind is one collection that has counters.
type kind struct {
	collection string
	count      string // the key of the reported count
	fields     []string
}

// kindReading is one reading of a kind: only the documents that differ are kept.
type kindReading struct {
	kind
	differing []document
}

// reading is one complete look at all counters, or one limited to some.
type reading struct {
	files    int64
	kinds    []kindReading // tags, albums, directories
	warnings []string
}

// clean tells whether nothing differs.
func (r reading) clean() bool {
	for _, k := range r.kinds {
		if len(k.differing) > 0 {
			return false
		}
	}
	return true
}

// scope limits a reading to some documents; a nil scope is all of them.
type scope struct{ tags, albums, directories mongodb.IDSet }

// scopeOf is the documents that differ in r.
func scopeOf(r reading) *scope {
	s := &scope{}
	for i, ids := range []*mongodb.IDSet{&s.tags, &s.albums, &s.directories} {
		for _, d := range r.kinds[i].differing {
			ids.Add(d.id)
		}
	}
	return s
}

// has tells whether ids holds id, or there is no limit.
func has(limited bool, ids *mongodb.IDSet, id mongodb.ID) bool { return !limited || ids.Has(id) }

func (d document) words(k kind) string {
	text := fmt.Sprintf("%s %s:", k.collection, d.id)
	for i, c := range d.counters {
		if c.differs() {
			text += fmt.Sprintf(" %s %s → %d", k.fields[i], c.stored, c.want)
		}
	}
	return text
}
