package databaseoptimization

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// maxExtra is how many of the indexes that nobody declared a person is shown.
const maxExtra = 10

func present(p plan) tasks.Plan {
	counts := tasks.NoCounts(jobspec.DatabaseOptimization)
	counts["indexesConflicting"], counts["faissIndexesSkipped"] = p.conflicting, p.vectors.Skipped
	var sample []string
	for _, c := range p.compactions {
		counts["collectionsCompacted"]++
		counts["bytesFreed"] += c.expected
		sample = append(sample, fmt.Sprintf("compact %s%s: %s would come back", c.collection, c.place.On(), size(c.expected)))
	}
	for _, c := range p.creations {
		counts["indexesCreated"]++
		sample = append(sample, fmt.Sprintf("create the index %s.%s", c.collection, c.index.Name()))
	}
	for _, r := range p.vectors.Rebuilds {
		counts["faissIndexesRebuilt"]++
		counts["vectorsWritten"] += r.Vectors
		sample = append(sample, r.String())
	}
	if len(p.extra) > 0 {
		sample = append(sample, "leave the indexes that are not declared: "+ellipsis.List(p.extra, maxExtra))
	}
	return tasks.Plan{
		Counts: counts, Sample: sample, Warnings: p.warnings,
		Message: p.message(counts), Verdict: verdict(p.message(counts), p.refused, nil),
	}
}

// message is the figures of what was done, or is to be done, in one sentence.
func (p plan) message(c report.Counts) string {
	var parts []string
	tasks.Add(&parts, c["collectionsCompacted"], "collections compacted: %d (%s)", size(c["bytesFreed"]))
	tasks.Add(&parts, c["indexesCreated"], "indexes created: %d")
	tasks.Add(&parts, c["faissIndexesRebuilt"], "FAISS indexes written: %d (%d vectors)", c["vectorsWritten"])
	tasks.Add(&parts, c["faissIndexesSkipped"], "FAISS indexes up to date without reading the vectors: %d")
	tasks.Add(&parts, c["indexesConflicting"], "indexes in conflict with what is declared: %d")
	tasks.Add(&parts, int64(len(p.extra)), "indexes that are not declared: %d")
	text := cmp.Or(strings.Join(parts, ", "), "nothing to do")
	if p.noFolder {
		text += "; FAISS index files were skipped, since there is no --index-dir"
	}
	return text
}

// verdict is Partial where the server refused something or index files were left as they were, and says which.
func verdict(message string, refused, left []string) *tasks.Verdict {
	reason := report.ReasonServerRefused
	switch {
	case len(refused)+len(left) == 0:
		return nil
	case len(refused) == 0:
		reason = report.ReasonNotPermitted
	}
	return tasks.Partial(reason, "%s; %s", message, strings.Join(slices.Concat(refused, left), "; "))
}

// blocked says what stands in the way of a unique index.
func blocked(collection string, index library.Index, found admin.Duplicates) string {
	return fmt.Sprintf("%s: the unique index %s cannot be created, since %d documents repeat the %s of another: %s",
		collection, index.Name(), found.Documents, strings.Join(index.Fields, " and "), strings.Join(found.Sample, "; "))
}

// size is bytes for a person.
func size(bytes int64) string {
	if bytes < mebibyte {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/mebibyte)
}
