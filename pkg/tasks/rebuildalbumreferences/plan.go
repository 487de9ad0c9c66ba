package rebuildalbumreferences

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is the new lists of each mirror, and whether they may be written.
type plan struct {
	mirrors []rebuilt
	digest  string // of a plan that is refused unless it is allowed by name
	verdict *tasks.Verdict
}

// rebuilt is one mirror's.
type rebuilt struct {
	mirror  library.Mirror
	counts  [2]string
	read    int64 // documents whose lists count
	changes []change
}

// change is one document's list.
type change struct {
	id             bsonvalue.ID
	old            bsonvalue.Value
	list           bson.A
	added, removed int64
}

func decide(f facts, o jobspec.Options) (p plan) {
	for i := range f {
		m := &f[i]
		r := rebuilt{mirror: m.mirror, counts: m.counts, read: m.first.listing}
		for _, d := range m.differing {
			if c := d.change(m.first.listedBy(d.id), m.second.listedBy(d.id)); c.added+c.removed > 0 {
				r.changes = append(r.changes, c)
			}
		}
		p.mirrors = append(p.mirrors, r)
		if m.first.documents+m.second.documents == 0 && p.verdict == nil {
			p.refuse(r, o.Limits)
		}
	}
	return p
}

// change keeps what is right in its order and as it is, drops what both readings lack, and adds what both have.
func (d document) change(first, second []bsonvalue.ID) change {
	c := change{id: d.id, old: d.field, list: bson.A{}}
	var kept []bsonvalue.ID
	for elements := scan.List(d.field.Raw()); elements.Next(); {
		v := elements.Value
		id := bsonvalue.Of(v)
		wanted := slices.Contains(first, id) || slices.Contains(second, id)
		if !wanted || slices.Contains(kept, id) {
			c.removed++
			continue
		}
		kept, c.list = append(kept, id), append(c.list, v)
	}
	for _, id := range first {
		if slices.Contains(second, id) && !slices.Contains(kept, id) {
			c.list = append(c.list, id.Raw())
			c.added++
		}
	}
	return c
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Digest: p.digest, Verdict: p.verdict}
	for _, r := range p.mirrors {
		for i, c := range r.changes {
			r.add(shown.Counts, c)
			if i < tasks.SampleSize {
				shown.Show(r.mirror.Field.Collection, c.id, fmt.Sprintf("%d references added, %d removed", c.added, c.removed))
			}
		}
	}
	if len(p.mirrors) == 0 {
		shown.Message = "nothing to do: this library declares no list that mirrors another"
	}
	return shown
}

// counts are what is reported where nothing is written.
func (p plan) counts() report.Counts {
	counts := tasks.NoCounts(jobspec.RebuildAlbumReferences)
	for _, r := range p.mirrors {
		counts[r.counts[0]] += r.read
		counts[r.counts[1]] += 0
	}
	return counts
}

// add counts a change.
func (r rebuilt) add(counts report.Counts, c change) {
	counts[r.counts[1]]++
	counts["referencesAdded"] += c.added
	counts["referencesRemoved"] += c.removed
}

// refuse refuses to remove references only because there is no document any more that could confirm them, unless the
// limits name this very plan.
func (p *plan) refuse(r rebuilt, l jobspec.Limits) {
	var removed int64
	var items []string
	for _, c := range r.changes {
		removed += c.removed
		items = append(items, fmt.Sprintf("%s %s %v", r.mirror.Field, c.id, c.list))
	}
	if removed > 0 {
		p.digest = tasks.Digest(items)
		p.verdict = tasks.TargetMissing(fmt.Sprintf("nothing was changed: %s is absent or empty, and %d references in %s lead into it: %s",
			r.mirror.Of.Collection, removed, r.mirror.Field, references.CheckTarget), p.digest, l)
	}
}
