package cleanupoldrecords

import (
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/naming"
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
			items = append(items, x.Collection+" "+r.id.String())
		}
		items = append(items, x.referrers.All().Texts()...)
	}
	if len(items) > 0 {
		p.digest = tasks.Digest(items)
	}
	return p
}

// sampleSize is how many of each kind a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Digest: p.digest}
	for _, x := range p.expired {
		shown.Counts[x.key()] += int64(len(x.records))
		for key, n := range x.referrers.All().Counts() {
			if n > 0 {
				shown.Counts[key] += n
			}
		}
		for _, r := range x.records[:min(sampleSize, len(x.records))] {
			document := naming.Document{Collection: x.Collection, ID: r.id}
			shown.Documents = append(shown.Documents, tasks.Document{Document: document, Change: "of " + r.at.Format(time.RFC3339)})
		}
		shown.Warnings = append(shown.Warnings, x.warnings()...)
	}
	return shown
}

func (x expired) warnings() (warnings []string) {
	if x.timeless > 0 {
		warnings = append(warnings,
			fmt.Sprintf("%d documents of %s have no credible time in %s and were left alone", x.timeless, x.Collection, x.Since))
	}
	if x.waiting > 0 {
		warnings = append(warnings,
			fmt.Sprintf("%d more documents of %s are past their age and go with the next runs", x.waiting, x.Collection))
	}
	return warnings
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
