// Package restore undoes one run from the journal, as a task: a dry run of it says what would be put back. What becomes
// of each document is decided by package journal. It must not look at the library, and no schedule offers it.
package restore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/ellipsis"
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
	documentsInserted    = "documentsInserted"        // had been deleted
	documentsReplaced    = "documentsReplaced"        // had been changed
	documentsUnchanged   = "documentsUnchanged"       // are as they were before the run
	documentsConflicting = "documentsConflicting"     // were written since, and are left alone
	restoredEarlier      = "documentsRestoredEarlier" // an earlier restore dealt with, and are left alone
	documentsFailed      = "documentsFailed"          // cannot be put back
)

// Task undoes the run of that name.
func Task(run string) tasks.Task {
	prepare := func(ctx context.Context, env tasks.Env) (tasks.Plan, error) {
		foreseen, err := stores.PreviewRestore(ctx, env.DB, run)
		switch {
		case err != nil:
			return tasks.Plan{}, err
		case foreseen.Entries == 0 && !foreseen.TookNothing:
			runs, err := stores.Runs(ctx, env.DB)
			if err == nil {
				err = unknown(run, runs)
			}
			return tasks.Plan{}, err
		}
		return plan(foreseen, run), nil
	}
	ready := func(ctx context.Context, db *mongodb.Reader) error {
		existing, err := db.Collections(ctx)
		if err == nil && !slices.Contains(existing, mongodb.JournalCollection) {
			return unknown(run, nil)
		}
		return err
	}
	return tasks.Task{Task: jobspec.RestoreTask(), Ready: ready, Prepare: prepare}
}

// unknown is the error for a run that the journal does not know.
func unknown(run string, runs []string) error {
	return &tasks.Error{Reason: report.ReasonConfiguration, Err: fmt.Errorf(
		"the journal of this database does not know the run %q: its name is wrong (its result gives it as \"run\"), or it "+
			"is older than %d days, or it changed nothing, as a dry run, a skipped run and a task that only reads do; %s",
		run, int(journal.Keep/(24*time.Hour)), known(run, runs))}
}

// maxKnown is how many runs a message names.
const maxKnown = 5

// known is which runs there are, those first that are most like the one that was asked for, and of two equally like it
// the later one, whose name is the greater.
func known(run string, runs []string) string {
	if len(runs) == 0 {
		return "it knows no run at all: is --database the right one?"
	}
	slices.Sort(runs)
	slices.Reverse(runs)
	return "it knows " + ellipsis.List(jobspec.MostAlike(run, runs), maxKnown)
}

// plan is pure.
func plan(foreseen journal.Restored, run string) tasks.Plan {
	if foreseen.TookNothing {
		return tasks.Plan{Counts: counts(foreseen), Message: fmt.Sprintf("the run %s took nothing: nothing to restore", run)}
	}
	p := tasks.Plan{Counts: counts(foreseen), Message: "nothing to put back" + because(foreseen)}
	if foreseen.Inserted+foreseen.Replaced > 0 {
		p.Message = "would put back " + documents(foreseen) + "; nothing was changed"
		p.Execute = func(ctx context.Context, w *mongodb.Writer) (tasks.Done, error) { return execute(ctx, w, run) }
	}
	p.Message += left(foreseen)
	p.Verdict = verdict(foreseen, p.Message)
	for _, document := range foreseen.Sample {
		p.Sample = append(p.Sample, "written since, left alone: "+document)
	}
	p.Warnings = foreseen.Failures
	return p
}

func execute(ctx context.Context, w *mongodb.Writer, run string) (tasks.Done, error) {
	restored, err := stores.Restore(ctx, w, run)
	message := "put back " + documents(restored) + left(restored)
	return tasks.Done{
		Counts: counts(restored), Message: message, Verdict: verdict(restored, message), Warnings: restored.Failures,
	}, err
}

func counts(r journal.Restored) report.Counts {
	return report.Counts{
		entriesRead: r.Entries, documentsInserted: r.Inserted, documentsReplaced: r.Replaced, documentsUnchanged: r.Unchanged,
		restoredEarlier: r.Earlier, documentsConflicting: r.Conflicts, documentsFailed: r.Failed,
	}
}

func documents(r journal.Restored) string {
	return fmt.Sprintf("%d deleted and %d changed documents", r.Inserted, r.Replaced)
}

// because is why there is nothing to put back.
func because(r journal.Restored) string {
	var reasons []string
	if r.Unchanged > 0 {
		reasons = append(reasons, fmt.Sprintf("%d documents are as they were before the run", r.Unchanged))
	}
	if r.Earlier > 0 {
		reasons = append(reasons, fmt.Sprintf("%d were put back by an earlier restore", r.Earlier))
	}
	if len(reasons) == 0 {
		return ""
	}
	return ": " + strings.Join(reasons, ", ")
}

// left is what is not put back.
func left(r journal.Restored) (text string) {
	if r.Conflicts > 0 {
		text += fmt.Sprintf("; %d that were written since are left alone", r.Conflicts)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf("; %d cannot be put back, such as %s", r.Failed, r.Failures[0])
	}
	return text
}

// verdict is nil where everything is put back.
func verdict(r journal.Restored, message string) *tasks.Verdict {
	switch {
	case r.Failed > 0:
		return &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonNotRestored, Message: message}
	case r.Conflicts > 0:
		return &tasks.Verdict{Outcome: report.Partial, Reason: report.ReasonChangedMeanwhile, Message: message}
	}
	return nil
}
