// Package verifyreferences is the task verify-references: it reports the references of the declared library that lead
// nowhere, and changes nothing.
//
// What counts as broken is what package references finds, so that its figures are those of cleanup-orphaned-records:
// each occurrence counts, and a target is missing only if a second look does not find it either. References that are
// declared to be reported only are counted like the others.
package verifyreferences

import (
	"context"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task {
	steps := tasks.Steps[*references.Findings, findings]{Gather: gather, Plan: decide, Present: present}
	return steps.Task(jobspec.VerifyReferences)
}

func gather(ctx context.Context, env tasks.Env) (*references.Findings, error) {
	found, err := references.Find(ctx, env.DB, env.Library, env.Progress)
	if err != nil {
		return nil, err
	}
	return found, found.FindNames(ctx, env.DB, tasks.SampleSize)
}
