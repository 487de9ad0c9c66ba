package cleanuporphanedfilerecords

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(), Digest: p.digest, Verdict: p.verdict, Warnings: p.warnings()}
	if !p.refused() && len(p.due) > 0 {
		shown.Counts["recordsDeleted"] = int64(len(p.due))
		p.referrers.All().Count(shown.Counts)
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
			item := fmt.Sprintf("%s %s: %q: %s", p.library.Files.Collection, m.id, m.text(), part.what(m))
			shown.Sample = append(shown.Sample, item)
		}
	}
	return shown
}

// firstOf are the first few by path, whatever order a server reads in: the same plan shows the same sample.
func firstOf(list []missing) []missing {
	return tasks.First(slices.SortedFunc(slices.Values(list), func(a, b missing) int {
		return cmp.Or(cmp.Compare(a.text(), b.text()), cmp.Compare(fmt.Sprint(a.id), fmt.Sprint(b.id)))
	}))
}

// counts are those of a run before anything is deleted.
func (p plan) counts() report.Counts {
	n := p.sum(func(*section) bool { return true })
	c := references.NoCounts(p.library)
	c["filesChecked"], c["recordsMissing"], c["recordsDeleted"] = n.judged(), n.missing, 0
	c["recordsWithoutFile"], c["directoriesUnknown"] = p.fileless, p.foldersUnknown()
	return c
}

func (p plan) warnings() (list []string) {
	if p.grace == 0 {
		list = append(list, "--grace-period is 0: RECORDS ARE DELETED AT FIRST SIGHT, without a second look days later")
	}
	for _, path := range p.absent {
		list = append(list, fmt.Sprintf(
			"the root %q of the library's own records does not exist here and was not judged: mount it, or use --path-map", path))
	}
	for i, r := range p.roots {
		n := p.figuresOf(i)
		tasks.Add(&list, n.unheld, "root %[2]q has %[1]d more missing files than one run looks at: they wait for a later run", r.Path)
		tasks.Add(&list, r.folders, "in root %[2]q, %[1]d folders are unknown: %[3]s", r.Path, strings.Join(r.why, "; "))
		if r.Trouble == "" && r.known.FileSystem != "" && r.known.FileSystem != r.Identity.FileSystem {
			list = append(list, fmt.Sprintf(
				"root %q lies on a file system with another id than before; its marker says that it is the same", r.Path))
		}
	}
	list = append(list, p.doubts()...)
	list = append(list, p.mismatches()...)
	tasks.Add(&list, p.placed.Outside,
		"%[1]d records lie in no library root and were not judged, such as %[2]q: check --library-root and --path-map",
		p.placed.Example())
	tasks.Add(&list, p.pathless, "%d records have no path and were not judged")
	tasks.Add(&list, p.garbled,
		"%d records were not judged: U+FFFD in their paths means that the names on disk are others, not UTF-8")
	return list
}
