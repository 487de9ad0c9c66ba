package rebuildalbumreferences

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is each file's new references.
type plan struct {
	albums  int64
	changes []change
}

// change is one file's.
type change struct {
	id             mongodb.ID
	old            mongodb.Value
	refs           bson.A
	added, removed int64
	// loses tells that something is taken away, so that the journal must have it first: a reference, or a value that is
	// no array.
	loses bool
}

func decide(f facts, _ jobspec.Options) plan {
	p := plan{albums: f.albums}
	for _, file := range f.files {
		again, _ := f.again.of.At(file.id)
		if c, differs := file.change(again); differs {
			p.changes = append(p.changes, c)
		}
	}
	return p
}

// change keeps what is right in its order and as it is, drops what both readings of the albums lack, and adds what both have.
func (f file) change(again []mongodb.ID) (change, bool) {
	c := change{id: f.id, old: f.field, refs: bson.A{}}
	has, isArray := elements(f.field.Raw())
	var kept []mongodb.ID
	for _, v := range has {
		id := mongodb.ValueOf(v)
		wanted := slices.Contains(f.wants, id) || slices.Contains(again, id)
		if !wanted || slices.Contains(kept, id) {
			c.removed++
			continue
		}
		kept, c.refs = append(kept, id), append(c.refs, v)
	}
	for _, id := range f.wants {
		if slices.Contains(again, id) && !slices.Contains(kept, id) {
			c.refs = append(c.refs, id.Raw())
			c.added++
		}
	}
	c.loses = c.removed > 0 || (!isArray && f.field.Refers())
	return c, c.added+c.removed > 0
}

// sameSet tells whether has is each of wants once and nothing else.
func sameSet(has []bson.RawValue, wants []mongodb.ID) bool {
	if len(has) != len(wants) {
		return false
	}
	var seen []mongodb.ID
	for _, v := range has {
		seen = append(seen, mongodb.ValueOf(v))
	}
	for _, id := range wants {
		if !slices.Contains(seen, id) {
			return false
		}
	}
	return true
}

const sampleSize = 10

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: report.Counts{"albumsProcessed": p.albums, "filesUpdated": 0, "referencesAdded": 0, "referencesRemoved": 0}}
	for i, c := range p.changes {
		c.addTo(shown.Counts)
		if i < sampleSize {
			shown.Sample = append(shown.Sample, fmt.Sprintf("file %s: %d references added, %d removed", c.id, c.added, c.removed))
		}
	}
	return shown
}

func (c change) addTo(counts report.Counts) {
	counts["filesUpdated"]++
	counts["referencesAdded"] += c.added
	counts["referencesRemoved"] += c.removed
}

// update is the change as a write.
func (c change) update(field string) mongodb.Update {
	return mongodb.Update{ID: c.id, Fields: []mongodb.Field{{Name: field, Old: c.old, New: c.refs}}}
}
