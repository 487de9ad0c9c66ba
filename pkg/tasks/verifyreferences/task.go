// Package verifyreferences is the task verify-references: it reports the references of the declared library that lead
// nowhere, and changes nothing.
//
// What counts as broken is what package references finds, so that its figures are those of cleanup-orphaned-records:
// each occurrence counts, and a target is missing only if a second look does not find it either. References that are
// declared to be reported only are counted like the others. Of fields with ids that nothing declares it warns, by a
// sample.
package verifyreferences

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/declare"
	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/sharing"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[facts, findings]{Gather: gather, Plan: decide, Present: present, Help: help}
	return steps.Task(jobspec.VerifyReferences)
}

// facts are what was found, and the fields with ids of which the declaration says nothing.
type facts struct {
	*references.Findings
	undeclared []declare.Reference
}

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	if err := fits(ctx, env); err != nil {
		return f, err
	}
	if f.Findings, err = find(ctx, env); err != nil {
		return f, err
	}
	if err := f.FindNames(ctx, env.DB, tasks.SampleSize); err != nil {
		return f, err
	}
	existing, err := env.DB.Collections(ctx)
	if err != nil {
		return f, err
	}
	f.undeclared, err = declare.Undeclared(ctx, env.FirstLook().DB, env.Library, existing)
	return f, err
}

func find(ctx context.Context, env tasks.Env) (*references.Findings, error) {
	if env.Team == nil {
		return references.FindFrom(ctx, env.FirstLook().DB, env.DB, env.Library, env.Progress)
	}
	return references.FindShared(ctx, env.DB, env.Library, env.Progress, env.Team)
}

func help(ctx context.Context, env tasks.Env) (sharing.Helped, error) {
	if err := fits(ctx, env); err != nil {
		return sharing.Helped{}, err
	}
	return references.Help(ctx, env.DB, env.Library, env.Progress, env.Team)
}

func fits(ctx context.Context, env tasks.Env) error {
	held := func() []string { return references.Held(ctx, env.DB, env.Library) }
	return env.Fits(ctx, "checking references", references.BytesOfID, held)
}

// findings are the figures, and some of the broken references.
type findings struct {
	counts                 report.Counts
	documents              int64
	removable, reportsOnly int64 // broken references, by what cleanup-orphaned-records does with them
	sample, warnings       []string
}

func decide(found facts, _ jobspec.Options) findings {
	f := findings{counts: found.Counts()}
	f.counts["filesChecked"] = 0
	if files := found.Library.Files; files != nil {
		f.counts["filesChecked"] = found.Documents[files.Collection]
	}
	for _, n := range found.Documents {
		f.documents += n
	}
	for i, finding := range found.References {
		if found.Removable(i) {
			f.removable += finding.Broken
		} else {
			f.reportsOnly += finding.Broken
		}
		f.sample = append(f.sample, sampleOf(found.Findings, finding)...)
	}
	for _, target := range found.EmptyTargets(func(int) bool { return true }) {
		f.warnings = append(f.warnings, target+": "+library.CheckEmpty)
	}
	if len(found.undeclared) > 0 {
		f.warnings = append(f.warnings, undeclared(found.undeclared))
	}
	return f
}

// maxFields is how many fields a warning names.
const maxFields = 5

// undeclared is the warning of fields that nobody verifies. An update of the application may have brought them.
func undeclared(all []declare.Reference) string {
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = r.Text()
	}
	return "fields hold ids, and the declaration does not name them, so that their references are not verified: " +
		ellipsis.List(texts, maxFields)
}

func sampleOf(found *references.Findings, finding references.Finding) (sample []string) {
	for _, o := range tasks.First(finding.Occurrences) {
		sample = append(sample, found.Text(o))
	}
	slices.Sort(sample)
	return sample
}

func present(f findings) tasks.Plan {
	message := fmt.Sprintf("no broken reference in %d documents", f.documents)
	if n := f.removable + f.reportsOnly; n > 0 {
		message = fmt.Sprintf("%d broken references in %d documents: "+
			"cleanup-orphaned-records can remove %d of them and only reports %d", n, f.documents, f.removable, f.reportsOnly)
	}
	return tasks.Plan{Counts: f.counts, Message: message, Sample: f.sample, Warnings: f.warnings}
}
