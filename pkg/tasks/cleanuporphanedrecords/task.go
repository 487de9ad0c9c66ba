// Package cleanuporphanedrecords is the task cleanup-orphaned-records: it does to every reference that leads nowhere
// what the library declares. The element goes out of its list, the field becomes null, the document goes that is
// nothing without its target, or the reference is only reported. What depends on a document that goes is treated
// likewise.
//
// What is broken, and what becomes of the documents, is decided in package references; the task adds the limits. It
// refuses if a collection is absent or empty while references lead into it, which is what a dropped or renamed
// collection looks like, and if more documents would lose something than the caps allow, of those that hold such
// references at all. A reference that may lead into several collections, some of them empty, is left alone.
//
// Every document is in the journal before it is changed. The task touches no file on disk.
package cleanuporphanedrecords

import (
	"context"
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/naming"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.CleanupOrphanedRecords)
}

// facts are what is broken, and all that something is to be done about.
type facts struct {
	findings  *references.Findings
	referrers *references.Referrers
}

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	held := func() []string { return references.Held(ctx, env.DB, env.Library) }
	if err := env.Fits(ctx, "checking references", references.BytesOfID, held); err != nil {
		return f, err
	}
	if f.findings, err = references.Find(ctx, env.DB, env.Library, env.Progress); err != nil {
		return f, err
	}
	if err := f.findings.FindNames(ctx, env.DB, tasks.SampleSize); err != nil {
		return f, err
	}
	f.referrers, err = f.findings.Gather(ctx, env.DB, env.Progress)
	return f, err
}

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: references.NoCounts(p.Library)}
	conflicts, err := p.Execute(ctx, w, env.RunID, env.Progress, done.Counts)
	tasks.Add(&done.Warnings, conflicts, "%d documents changed while this ran and were left for the next run")
	return done, err
}

// plan is every change, and whether it may be made.
type plan struct {
	references.Plan
	names    naming.Names
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
	what := fmt.Sprintf("nothing was removed: %s: %s", strings.Join(missing, "; "), library.CheckEmpty)
	return tasks.TargetMissing(what, digest, l)
}

func warnings(found *references.Findings) (warnings []string) {
	for _, target := range found.EmptyTargets(func(i int) bool {
		return found.Library.References[i].Dangling != library.Report && !found.Removable(i)
	}) {
		warnings = append(warnings, fmt.Sprintf("%s: they are left alone; %s", target, library.CheckEmpty))
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
