package cleanuporphanedfilerecords

import (
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Digest: p.digest, Verdict: p.verdict, Warnings: p.warnings()}
	going := p.records[due]
	if !p.refused() && len(going) > 0 {
		shown.Counts["recordsDeleted"] = int64(len(going))
		p.referrers.All().Count(shown.Counts)
	}
	if p.verdict == nil {
		shown.Message = p.message(int64(len(going)), "go")
	}
	for _, at := range []stage{due, fresh, waiting} {
		for _, m := range tasks.First(p.records[at]) {
			item := fmt.Sprintf("%s %s: %q: %s", p.library.Files.Collection, m.Record, m.Path, p.describe(m, at))
			shown.Sample = append(shown.Sample, item)
		}
	}
	return shown
}

// describe says what becomes of a record, for a person.
func (p plan) describe(m presence.Missing, at stage) string {
	switch at {
	case due:
		return "its record goes"
	case waiting:
		return fmt.Sprintf("missing since %s, goes after %s", m.Noted.Format(time.RFC3339), inDays(p.grace))
	}
	return fmt.Sprintf("missing since now, goes after %s", inDays(p.grace))
}

// counts are those of a run before anything is deleted.
func (p plan) counts() report.Counts {
	n := p.Figures()
	c := references.NoCounts(p.library)
	c["filesChecked"], c["recordsMissing"], c["recordsDeleted"] = n.Judged(), n.Missing, 0
	c["recordsWithoutFile"], c["directoriesUnknown"] = p.fileless, p.FoldersUnknown()
	return c
}

func (p plan) warnings() (list []string) {
	if p.grace == 0 {
		list = append(list, "--grace-period is 0: RECORDS ARE DELETED AT FIRST SIGHT, without a second look days later")
	}
	list = append(list, p.Warnings()...)
	tasks.Add(&list, p.pathless, "%d records have no path and were not judged")
	return list
}
