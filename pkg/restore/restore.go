// Package restore undoes one run from the journal, as a task: a dry run of it says what would be put back. What becomes
// of each document is decided by package journal. It must not look at the library, and no schedule offers it.
package restore

import (
	"context"
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// The keys of the counts. All count entries of the journal, of which a document that the run changed twice has two.
const (
	entriesRead          = "entriesRead"
	documentsInserted    = "documentsInserted"    // had been deleted
	documentsReplaced    = "documentsReplaced"    // had been changed
	documentsUnchanged   = "documentsUnchanged"   // are as they were before the run
	documentsConflicting = "documentsConflicting" // were written since, and are left alone
)

// Task undoes the run of that name.
func Task(run string) tasks.Task {
	prepare := func(ctx context.Context, env tasks.Env) (tasks.Plan, error) {
		foreseen, err := stores.PreviewRestore(ctx, env.DB, run)
		switch {
		case err != nil:
			return tasks.Plan{}, err
		case foreseen.Entries == 0:
			return tasks.Plan{}, noEntries(run)
		}
		return plan(foreseen, run), nil
	}
	return tasks.Task{Task: jobspec.RestoreTask(), Prepare: prepare}
}

func noEntries(run string) error {
	return &tasks.Error{Reason: report.ReasonConfiguration, Err: fmt.Errorf(
		"the journal of this database has nothing of run %q: the run took nothing away, or it is older than %d days, "+
			"or its name is wrong: its result gives it as \"run\"",
		run, int(journal.Keep/(24*time.Hour)))}
}

// plan is pure.
func plan(foreseen journal.Restored, run string) tasks.Plan {
	p := tasks.Plan{Counts: counts(foreseen), Message: "nothing to put back" + unchanged(foreseen)}
	if foreseen.Inserted+foreseen.Replaced > 0 {
		p.Message = "would put back " + documents(foreseen) + "; nothing was changed"
		p.Execute = func(ctx context.Context, w *mongodb.Writer) (tasks.Done, error) { return execute(ctx, w, run) }
	}
	p.Message += conflicts(foreseen)
	p.Verdict = verdict(foreseen, p.Message)
	for _, document := range foreseen.Sample {
		p.Sample = append(p.Sample, "written since, left alone: "+document)
	}
	return p
}

func execute(ctx context.Context, w *mongodb.Writer, run string) (tasks.Done, error) {
	restored, err := stores.Restore(ctx, w, run)
	message := "put back " + documents(restored) + conflicts(restored)
	return tasks.Done{Counts: counts(restored), Message: message, Verdict: verdict(restored, message)}, err
}

func counts(r journal.Restored) report.Counts {
	return report.Counts{
		entriesRead: r.Entries, documentsInserted: r.Inserted, documentsReplaced: r.Replaced,
		documentsUnchanged: r.Unchanged, documentsConflicting: r.Conflicts,
	}
}

func documents(r journal.Restored) string {
	return fmt.Sprintf("%d deleted and %d changed documents", r.Inserted, r.Replaced)
}

func unchanged(r journal.Restored) string {
	if r.Unchanged == 0 {
		return ""
	}
	return fmt.Sprintf(": %d documents are as they were before the run", r.Unchanged)
}

func conflicts(r journal.Restored) string {
	if r.Conflicts == 0 {
		return ""
	}
	return fmt.Sprintf("; %d that were written since are left alone", r.Conflicts)
}

// verdict is nil where nothing is left alone.
func verdict(r journal.Restored, message string) *tasks.Verdict {
	if r.Conflicts == 0 {
		return nil
	}
	return &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonChangedMeanwhile, Message: message}
}
