package cleanuporphanedrecords

import (
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is every change, and whether it may be made.
type plan struct {
	references.Plan
	names    references.Names
	digest   string // of the Texts, so that no name is in it
	verdict  *tasks.Verdict
	warnings []string
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{Plan: f.referrers.All(), names: f.findings.Names, warnings: warnings(f.findings)}
	p.digest = tasks.Digest(p.Texts())
	if p.verdict = targetMissing(f.findings, p.digest, o.Limits); p.verdict == nil {
		p.verdict = tasks.Capped(p.removals(f.findings), p.digest, o.Limits)
	}
	return p
}

// removals are, for each declared reference, the documents that lose something, of those that refer to anything there.
func (p plan) removals(found *references.Findings) (removals []tasks.Removal) {
	for i, losing := range p.Losing() {
		from := p.Library.References[i].From
		removals = append(removals, tasks.Removal{
			What: fmt.Sprintf("documents of %s with %s", from.Collection, from.Name),
			N:    losing.Documents, Again: losing.Again, Total: found.References[i].Holders,
		})
	}
	return removals
}

// targetMissing is the refusal where a collection is empty into which references lead that would be removed.
func targetMissing(found *references.Findings, digest string, l jobspec.Limits) *tasks.Verdict {
	missing := found.EmptyTargets(found.Removable)
	if len(missing) == 0 {
		return nil
	}
	what := fmt.Sprintf("nothing was removed: %s: %s", strings.Join(missing, "; "), references.CheckTarget)
	return tasks.TargetMissing(what, digest, l)
}

func warnings(found *references.Findings) (warnings []string) {
	for _, target := range found.EmptyTargets(func(i int) bool {
		return found.Library.References[i].Dangling != library.Report && found.Emptiness(i) == references.SomeEmpty
	}) {
		warnings = append(warnings, fmt.Sprintf("%s: they are left alone; %s", target, references.CheckTarget))
	}
	tasks.Add(&warnings, found.Unkept(), "%d more references are broken than one run removes: run it again")
	return warnings
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: references.NoCounts(p.Library), Digest: p.digest, Verdict: p.verdict, Warnings: p.warnings}
	p.Count(shown.Counts)
	of := map[string]int{}
	for _, c := range p.Changes {
		if of[c.Collection]++; of[c.Collection] <= tasks.SampleSize {
			shown.Sample = append(shown.Sample, p.Describe(c, p.names))
		}
	}
	return shown
}
