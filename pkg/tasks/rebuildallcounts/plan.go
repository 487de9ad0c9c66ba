package rebuildallcounts

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is the counters to write.
type plan struct {
	files    int64
	changes  []change
	unsure   int64 // documents that differed in the first reading and not in the same way in the second
	warnings []string
}

// change is one document's new counters.
type change struct {
	kind     kind
	document document
}

// decide keeps what both readings agree on: the same document, the same stored values, the same counts.
func decide(f facts, _ jobspec.Options) plan {
	p := plan{files: f.first.files, warnings: f.first.warnings}
	if f.first.clean() {
		return p
	}
	for i, k := range f.first.kinds {
		second := mongodb.IDMap[document]{}
		for _, d := range f.second.kinds[i].differing {
			second.Put(d.id, d)
		}
		for _, d := range k.differing {
			again, ok := second.At(d.id)
			if !ok || !d.agrees(again) {
				p.unsure++
				continue
			}
			p.changes = append(p.changes, change{k.kind, d})
		}
	}
	return p
}

func (d document) agrees(again document) bool {
	for i := range d.counters {
		if d.counters[i] != again.counters[i] {
			return false
		}
	}
	return true
}

const sampleSize = 10

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Warnings: p.warnings, Message: "every counter is right"}
	for i, c := range p.changes {
		shown.Counts[c.kind.count]++
		if i < sampleSize {
			shown.Sample = append(shown.Sample, c.document.words(c.kind))
		}
	}
	if len(p.changes) > 0 {
		shown.Message = fmt.Sprintf("counters of %d documents are wrong", len(p.changes))
	}
	if p.unsure > 0 {
		shown.Warnings = append(shown.Warnings, fmt.Sprintf("%d documents changed between two readings and are left for the next run", p.unsure))
	}
	return shown
}

func (p plan) counts() report.Counts {
	return report.Counts{"filesScanned": p.files, "tagsUpdated": 0, "albumsUpdated": 0, "directoriesUpdated": 0}
}

// update writes the counters that differ, while they are as they were read.
func (c change) update() mongodb.Update {
	u := mongodb.Update{ID: c.document.id}
	for i, counter := range c.document.counters {
		if counter.differs() {
			u.Fields = append(u.Fields, mongodb.Field{Name: c.kind.fields[i], Old: counter.stored, New: counter.want})
		}
	}
	return u
}
