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

	"ucorefs.io/maintenance/pkg/jobspec"
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
	if f.findings, err = references.Find(ctx, env.DB, env.Library, env.Progress); err != nil {
		return f, err
	}
	if err := f.findings.FindNames(ctx, env.DB, tasks.SampleSize); err != nil {
		return f, err
	}
	f.referrers, err = f.findings.Gather(ctx, env.DB, env.Progress)
	return f, err
}
