package rebuildallcounts

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is the counters to write.
type plan struct {
	collections []recount.Collection
	files       int64
	changes     [][]recount.Document // by collection
	unsure      int64                // documents that differed in the first reading and not in the same way in the second
	warnings    []string
}

// decide keeps what both readings agree on: the same document, the same stored values, the same counts.
func decide(f facts, _ jobspec.Options) plan {
	p := plan{collections: f.collections, files: f.first.files, warnings: f.first.warnings}
	p.changes = make([][]recount.Document, len(f.collections))
	for i, wrong := range f.first.wrong {
		second := bsonvalue.IDMap[recount.Document]{}
		if len(wrong) > 0 {
			for _, d := range f.second.wrong[i] {
				second.Put(d.ID, d)
			}
		}
		for _, d := range wrong {
			again, ok := second.At(d.ID)
			if !ok || !d.Agrees(again) {
				p.unsure++
				continue
			}
			p.changes[i] = append(p.changes[i], d)
		}
	}
	return p
}

// right is what is said where nothing is to be corrected.
func (p plan) right() string {
	if p.unsure > 0 {
		return "every counter that could be judged is right"
	}
	return "every counter is right"
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Warnings: p.warnings, Message: p.right()}
	size := 0
	for i, changes := range p.changes {
		size += len(changes)
		shown.Counts[countKey(p.collections[i])] = int64(len(changes))
		for _, d := range tasks.First(changes) {
			shown.Show(p.collections[i].Name, d.ID, d.Describe())
		}
	}
	if size > 0 {
		shown.Message = fmt.Sprintf("counters of %d documents are wrong", size)
	}
	tasks.Add(&shown.Warnings, p.unsure, "%d documents changed between two readings and are left for the next run")
	return shown
}

// counts are what is reported where nothing is written.
func (p plan) counts() report.Counts {
	counts := report.Counts{"filesScanned": p.files}
	for _, c := range p.collections {
		counts[countKey(c)] = 0
	}
	return counts
}

// countKey is the key under which corrected documents are reported, such as tagsUpdated.
func countKey(c recount.Collection) string { return c.Noun + "Updated" }
