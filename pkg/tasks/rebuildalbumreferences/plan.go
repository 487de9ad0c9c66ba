package rebuildalbumreferences

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
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

// rebuilt is one mirror's. The new lists themselves are made when they are written: all of them at a time would take
// five times what is stored.
type rebuilt struct {
	mirrored
	changes []change
}

// change is how much one document's list changes.
type change struct {
	document
	added, removed int64
}

func decide(f facts, o jobspec.Options) (p plan) {
	for _, m := range f {
		r := rebuilt{mirrored: m}
		kept, losing := m.kept, int64(0)
		for _, d := range m.differing {
			list, added, removed := r.list(d)
			if added+removed > 0 {
				r.changes = append(r.changes, change{d, added, removed})
			}
			if kept = kept || int64(len(list)) > added; removed > 0 {
				losing++
			}
		}
		p.mirrors = append(p.mirrors, r)
		switch of := r.mirror.Of; {
		case p.verdict != nil:
		case m.first.documents+m.second.documents == 0:
			p.refuse(r, of.Collection+" is absent or empty", o.Limits)
		case !kept && tasks.Exceeds(losing, m.holding, o.Limits):
			p.refuse(r, fmt.Sprintf("no %s of %s holds any of them", of, of.Collection), o.Limits)
		}
	}
	return p
}

// list is what a document's list becomes: it keeps what is right in its order and as it is, drops what both readings
// lack, and adds what both have.
func (r rebuilt) list(d document) (list bson.A, added, removed int64) {
	var first, second, kept bsonvalue.Distinct
	wanted := r.first.listedBy(d.id)
	for _, id := range wanted {
		first.Add(id)
	}
	for _, id := range r.second.listedBy(d.id) {
		second.Add(id)
	}
	list = bson.A{}
	for elements := scan.List(d.field.Raw()); elements.Next(); {
		v := elements.Value
		if id := bsonvalue.Of(v); !first.Has(id) && !second.Has(id) || !kept.Add(id) {
			removed++
			continue
		}
		list = append(list, v)
	}
	for _, id := range wanted {
		if second.Has(id) && kept.Add(id) {
			list = append(list, id.Raw())
			added++
		}
	}
	return list, added, removed
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
	return shown
}

// counts are what is reported where nothing is written.
func (p plan) counts() report.Counts {
	counts := tasks.NoCounts(jobspec.RebuildAlbumReferences)
	for _, r := range p.mirrors {
		counts[r.counts[0]] += r.first.listing
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

// refuse refuses to remove every reference that there is only because nothing confirms any of them any more, unless the
// limits name this very plan: the collection may be renamed, in the middle of a restore, or declared wrongly.
func (p *plan) refuse(r rebuilt, why string, l jobspec.Limits) {
	var removed int64
	var items []string
	for _, c := range r.changes {
		removed += c.removed
		list, _, _ := r.list(c.document)
		items = append(items, fmt.Sprintf("%s %s %v", r.mirror.Field, c.id, list))
	}
	if removed > 0 {
		p.digest = tasks.Digest(items)
		p.verdict = tasks.TargetMissing(fmt.Sprintf("nothing was changed: all %d references in %s would go, since %s: %s",
			removed, r.mirror.Field, why, library.CheckEmpty), p.digest, l)
	}
}
