package rebuildallcounts

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is the counters to write, by kind.
type plan struct {
	kinds    [3]recount.Kind
	files    int64
	changes  [3][]recount.Document
	unsure   int64 // documents that differed in the first reading and not in the same way in the second
	warnings []string
}

// decide keeps what both readings agree on: the same document, the same stored values, the same counts.
func decide(f facts, _ jobspec.Options) plan {
	p := plan{kinds: f.kinds, files: f.first.files, warnings: f.first.warnings}
	for kind, differing := range f.first.differing {
		second := mongodb.IDMap[recount.Document]{}
		for _, d := range f.second.differing[kind] {
			second.Put(d.ID, d)
		}
		for _, d := range differing {
			again, ok := second.At(d.ID)
			if !ok || !d.Agrees(again) {
				p.unsure++
				continue
			}
			p.changes[kind] = append(p.changes[kind], d)
		}
	}
	return p
}

// sampleSize is how many documents of each kind a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Warnings: p.warnings, Message: "every counter is right"}
	for kind, changes := range p.changes {
		shown.Counts[countKeys[kind]] = int64(len(changes))
		for _, d := range changes[:min(sampleSize, len(changes))] {
			shown.Sample = append(shown.Sample, p.kinds[kind].Words(d))
		}
	}
	if n := p.size(); n > 0 {
		shown.Message = fmt.Sprintf("counters of %d documents are wrong", n)
	}
	if p.unsure > 0 {
		shown.Warnings = append(shown.Warnings, fmt.Sprintf("%d documents changed between two readings and are left for the next run", p.unsure))
	}
	return shown
}

func (p plan) counts() report.Counts {
	return report.Counts{"filesScanned": p.files, countKeys[tags]: 0, countKeys[albums]: 0, countKeys[directories]: 0}
}

func (p plan) size() int {
	return len(p.changes[tags]) + len(p.changes[albums]) + len(p.changes[directories])
}
