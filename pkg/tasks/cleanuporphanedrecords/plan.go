package cleanuporphanedrecords

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/naming"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is every change, and whether it may be made.
type plan struct {
	references.Plan
	texts    []string // one for each change; the digest is theirs, so that no name is in them
	names    naming.Names
	digest   string
	verdict  *tasks.Verdict
	warnings []string
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{Plan: f.referrers.All(), names: f.findings.Names, warnings: warnings(f.findings)}
	if p.texts = p.Texts(); len(p.texts) > 0 {
		p.digest = tasks.Digest(slices.Clone(p.texts))
	}
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
	if len(missing) == 0 || digest != "" && digest == l.AllowPlan {
		return nil
	}
	return &tasks.Verdict{
		Outcome: report.Refused, Reason: report.ReasonTargetMissing,
		Message: fmt.Sprintf("nothing was removed: %s: %s; if it is empty on purpose, allow this very plan with "+
			"--allow-plan=%s (in a schedule: spec.limits)", strings.Join(missing, "; "), references.CheckTarget, digest),
	}
}

func warnings(found *references.Findings) (warnings []string) {
	for _, target := range found.EmptyTargets(func(i int) bool {
		return found.Library.References[i].Dangling != library.Report && found.Emptiness(i) == references.SomeEmpty
	}) {
		warnings = append(warnings, fmt.Sprintf("%s: they are left alone; %s", target, references.CheckTarget))
	}
	if n := found.Unkept(); n > 0 {
		warnings = append(warnings, fmt.Sprintf("%d more references are broken than one run removes: run it again", n))
	}
	return warnings
}

// sampleSize is how many changes of each collection a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.Counts(), Digest: p.digest, Verdict: p.verdict, Warnings: p.warnings}
	of := map[string]int{}
	for _, c := range p.Changes {
		if of[c.Collection]++; of[c.Collection] <= sampleSize {
			shown.Sample = append(shown.Sample, p.Describe(c, p.names))
		}
	}
	return shown
}
