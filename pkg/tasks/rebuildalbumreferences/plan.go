package rebuildalbumreferences

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/naming"
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
	missing bool  // there is no document at all that could list anything
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
		r.missing = m.first.documents+m.second.documents == 0
		for _, d := range m.differing {
			if c := d.change(m.first.listedBy(d.id), m.second.listedBy(d.id)); c.added+c.removed > 0 {
				r.changes = append(r.changes, c)
			}
		}
		p.mirrors = append(p.mirrors, r)
	}
	p.refuse(o.Limits)
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

// sampleSize is how many documents of a mirror a person is shown.
const sampleSize = 10

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Digest: p.digest, Verdict: p.verdict}
	for _, r := range p.mirrors {
		for i, c := range r.changes {
			r.add(shown.Counts, c)
			if i < sampleSize {
				document := naming.Document{Collection: r.mirror.Field.Collection, ID: c.id}
				change := fmt.Sprintf("%d references added, %d removed", c.added, c.removed)
				shown.Documents = append(shown.Documents, tasks.Document{Document: document, Change: change})
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
	counts := report.Counts{"albumsProcessed": 0, "filesUpdated": 0, "referencesAdded": 0, "referencesRemoved": 0}
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

// refuse refuses to remove references only because the documents that could confirm them are all gone, unless the
// limits name this very plan.
func (p *plan) refuse(l jobspec.Limits) {
	for _, r := range p.mirrors {
		var removed int64
		var items []string
		for _, c := range r.changes {
			removed += c.removed
			items = append(items, fmt.Sprintf("%s %s %v", r.mirror.Field, c.id, c.list))
		}
		if !r.missing || removed == 0 {
			continue
		}
		if p.digest = tasks.Digest(items); p.digest == l.AllowPlan {
			continue
		}
		p.verdict = &tasks.Verdict{Outcome: report.Refused, Reason: report.ReasonTargetMissing, Message: fmt.Sprintf(
			"nothing was changed: %s is absent or empty, and %d references in %s lead into it: %s; if it is empty on purpose, "+
				"allow this very plan with --allow-plan=%s (in a schedule: spec.limits)",
			r.mirror.Of.Collection, removed, r.mirror.Field, references.CheckTarget, p.digest)}
		return
	}
}

// update is the change as a write.
func (c change) update(field string) mongodb.Update {
	return mongodb.Update{ID: c.id, Fields: []mongodb.Field{{Name: field, Old: c.old, New: c.list}}}
}
