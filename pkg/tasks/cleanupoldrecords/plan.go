package cleanupoldrecords

import (
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is every deletion; there is nothing to decide beyond what was found.
type plan struct {
	expired []expired
	digest  string
}

func decide(all []expired, _ jobspec.Options) plan {
	p := plan{expired: all}
	var items []string
	for _, x := range all {
		for _, r := range x.records {
			items = append(items, x.Collection+" "+r.ID.String())
		}
		items = append(items, x.referrers.All().Texts()...)
	}
	p.digest = tasks.Digest(items)
	return p
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Digest: p.digest}
	for _, x := range p.expired {
		shown.Counts[x.key()] += int64(len(x.records))
		x.referrers.All().Count(shown.Counts)
		for i, at := range x.times {
			shown.Show(x.Collection, x.records[i].ID, "of "+at.Format(time.RFC3339))
		}
		tasks.Add(&shown.Warnings, x.timeless, "%d documents of %s have no credible time in %s and were left alone",
			x.Collection, x.Since)
		tasks.Add(&shown.Warnings, x.waiting, "%d more documents of %s are past their age and go with the next runs",
			x.Collection)
	}
	return shown
}

// key is the count of a kind, such as tasksDeleted.
func (x expired) key() string { return x.noun + "Deleted" }

// counts are all keys, at none.
func (p plan) counts() report.Counts {
	c := report.Counts{}
	for _, x := range p.expired {
		c[x.key()] = 0
	}
	return c
}
