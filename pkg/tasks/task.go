// Package tasks is the contract between a maintenance task and the runner. The list of all tasks is in pkg/tasks/all.
//
// A task has three steps. Gather only reads, by type, and may keep its place. Plan is pure: facts in, a decision out
// that can be printed, compared and digested. Execute does what the plan says and nothing else; it alone is given
// what writes. A dry run is the same code stopped after the plan, so no task may ask whether it is a dry run. Tasks
// never import each other, never read a clock, an argument or the environment, and never exit; all that they need is
// in Env.
package tasks

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/naming"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/sharing"
	"ucorefs.io/maintenance/pkg/throttle"
)

// Env is what the runner gives to a task.
type Env struct {
	Options jobspec.Options
	// Library declares what is maintained: all that a task knows of collections and fields is in it.
	Library library.Library
	// DB reads the library; it is nil for a task whose jobspec.Task says that it needs no database.
	DB *mongodb.Reader
	// Checkpoints is where a task keeps its place, also while it gathers; without an exclusive lock, as in a dry run,
	// it keeps nothing. It is nil where DB is.
	Checkpoints checkpoint.Store
	// Now is the time at which the run began, read once.
	Now time.Time
	// Elapsed is how long ago the run began, by a clock that nobody sets: what a task may know of time as it passes.
	Elapsed  func() time.Duration
	RunID    string
	Log      *slog.Logger
	Progress *progress.Progress
	// Memory is how many bytes the run may use; 0: nothing limits it.
	Memory int64
	// Team is the processes that share the reading of this run; nil: this one is alone.
	Team *sharing.Team
	// Throttle is asked before files are taken; DB and what writes ask it themselves. Nil: nothing is limited.
	Throttle *throttle.Throttle
}

// FirstLook is e with a DB that may read from a secondary, if the options say so. It is for what a second look with e
// must confirm before it counts.
func (e Env) FirstLook() Env {
	if e.Options.ReadPreference == jobspec.ReadSecondaryPreferred {
		e.DB = e.DB.FromSecondary()
	}
	return e
}

// Task is one maintenance task as the runner sees it.
type Task struct {
	// Task is what is declared of it.
	jobspec.Task
	// Ready tells, of a task that needs no library, why it has nothing to work on in a database. It is asked before
	// anything is written there, the lock included. Nil: the task has a library, or no database.
	Ready func(ctx context.Context, db *mongodb.Reader) error
	// Prepare gathers and plans.
	Prepare func(ctx context.Context, env Env) (Plan, error)
	// Help reads a part of what Prepare reads in the process that leads Env.Team; nil where the task is not Shared.
	Help func(ctx context.Context, env Env) (sharing.Helped, error)
}

// Plan is what a task decided to do: everything that a dry run may show, and the step that does it.
type Plan struct {
	// Counts are the figures of the facts and of what would be done, under the documented keys.
	Counts report.Counts
	// Message is one sentence for a person; empty: the runner says something general.
	Message string
	// Sample is a few of the planned items, in words, for a person.
	Sample []string
	// Documents are a few of the documents that would change. Steps adds them to Sample, with their names.
	Documents []Document
	// Warnings are what the task saw and could not judge or do.
	Warnings []string
	// Digest is the hex SHA-256 of the whole plan in a canonical form; empty where nothing would be deleted.
	Digest string
	// Verdict is set where the task must not or need not go on: a Refused, Partial, Skipped or Paused outcome.
	Verdict *Verdict
	// Execute does what the plan says; nil where there is nothing to do. It may be called once. On an error the
	// counts are those of what was done until then. The Writer is that of the run's lock, and nil for a task without
	// a database.
	Execute func(ctx context.Context, w *mongodb.Writer) (Done, error)
	// Remember records what a refused run saw and what makes later runs more careful; nil where there is nothing. It
	// must not change the library, nor accept anything. A dry run does not call it.
	Remember func(ctx context.Context, w *mongodb.Writer) error
}

// Document is a document that would change, and how, in words, for a person.
type Document struct {
	naming.Document
	Change string
}

// Verdict is an outcome that a task decides itself, other than Succeeded.
type Verdict struct {
	Outcome report.Outcome
	Reason  report.Reason
	Message string
}

// Refused is the Verdict that nothing is done, and why.
func Refused(reason report.Reason, format string, args ...any) *Verdict {
	return &Verdict{Outcome: report.Refused, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Partial is the Verdict that something is left, and why.
func Partial(reason report.Reason, format string, args ...any) *Verdict {
	return &Verdict{Outcome: report.Partial, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Done is what Execute did.
type Done struct {
	Counts   report.Counts
	Message  string // one sentence for a person; empty: the runner says something general
	Warnings []string
	Verdict  *Verdict // nil: Succeeded
}

// Error is a task's error that is neither the database's nor a defect: the reason says whether the configuration or the
// data is wrong, and the text says what to do.
type Error struct {
	Reason report.Reason
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Misconfigured is an Error that ends when the configuration is corrected.
func Misconfigured(format string, args ...any) error {
	return &Error{Reason: report.ReasonConfiguration, Err: fmt.Errorf(format, args...)}
}

// Show adds a document that would change to Documents.
func (p *Plan) Show(collection string, id bsonvalue.ID, change string) {
	document := naming.Document{Collection: collection, ID: id}
	p.Documents = append(p.Documents, Document{Document: document, Change: change})
}

// name adds the documents to the sample. It reads a few documents by their ids, and none where nothing would change.
func (p *Plan) name(ctx context.Context, env Env) error {
	documents := make([]naming.Document, len(p.Documents))
	for i, d := range p.Documents {
		documents[i] = d.Document
	}
	names, err := naming.Find(ctx, env.DB, env.Library, documents)
	for _, d := range p.Documents {
		p.Sample = append(p.Sample, names.Text(d.Document)+": "+d.Change)
	}
	return err
}
