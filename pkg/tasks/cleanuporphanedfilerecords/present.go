package cleanuporphanedfilerecords

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// sampleSize is how many of each kind a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(int64(len(p.due))), Digest: p.digest, Verdict: p.verdict, Warnings: p.warnings()}
	if p.refused() {
		shown.Counts["recordsDeleted"] = 0
	}
	if p.verdict == nil {
		shown.Message = p.message(int64(len(p.due)), "go")
	}
	for _, part := range []struct {
		list []missing
		what func(missing) string
	}{
		{p.due, func(missing) string { return "its record goes" }},
		{p.fresh, func(missing) string { return fmt.Sprintf("missing since now, goes after %s", inDays(p.grace)) }},
		{p.waiting, func(m missing) string {
			return fmt.Sprintf("missing since %s, goes after %s", m.since.Format(time.RFC3339), inDays(p.grace))
		}},
	} {
		for _, m := range firstOf(part.list) {
			shown.Sample = append(shown.Sample, fmt.Sprintf("%s %s: %q: %s", p.model.files, m.id, m.text(), part.what(m)))
		}
	}
	return shown
}

// firstOf are the first few by path, whatever order a server reads in: the same plan shows the same sample.
func firstOf(list []missing) []missing {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b missing) int {
		return cmp.Or(cmp.Compare(a.text(), b.text()), cmp.Compare(fmt.Sprint(a.id), fmt.Sprint(b.id)))
	})
	return sorted[:min(sampleSize, len(sorted))]
}

func (p plan) counts(deleted int64) report.Counts {
	c := report.Counts{"filesChecked": 0, "recordsMissing": 0, "recordsDeleted": deleted, "directoriesUnknown": p.foldersUnknown()}
	for _, r := range p.roots {
		c["filesChecked"] += r.alive + r.missing
		c["recordsMissing"] += r.missing
	}
	return c
}

func (p plan) warnings() (list []string) {
	add := func(n int64, format string, args ...any) {
		if n > 0 {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	if p.grace == 0 {
		list = append(list, "--grace-period is 0: RECORDS ARE DELETED AT FIRST SIGHT, without a second look days later")
	}
	for _, r := range p.roots {
		add(r.unheld, "%d more files of root %q are missing than one run looks at: they wait until others are dealt with", r.unheld, r.path)
		add(int64(len(r.why)), "in root %q, %d folders are unknown: %s", r.path, r.folders, strings.Join(r.why, "; "))
		if troubleOf(p.roots) == nil && r.records() == 0 {
			list = append(list, fmt.Sprintf("no record lies in root %q: check --path-map", r.path))
		}
		if r.trouble == "" && r.known.FileSystem != "" && r.known.FileSystem != r.identity.FileSystem {
			list = append(list, fmt.Sprintf("root %q lies on a file system with another id than before; its marker says that it is the same", r.path))
		}
	}
	add(p.unplaced, "%d records lie in no library root and were not judged: check --library-root and --path-map", p.unplaced)
	add(p.pathless, "%d records have no path and were not judged", p.pathless)
	return list
}
