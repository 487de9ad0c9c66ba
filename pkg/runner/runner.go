// Package runner is the order of a run: validate, look at the clock and the window, connect, find the library, lock,
// idle gate, prepare (gather and plan), stop here if it is a dry run, execute, report. When the library is in use
// again, the run pauses; when the database goes away under a run, the last four are tried again; when a run of priority
// high asks for the lock, all from lock on.
//
// It decides no maintenance; a task does. It returns a result and never exits, prints or reads a flag. Whatever
// happens, a panic included, becomes exactly one result.
package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/sharing"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/throttle"
)

// World is what a run needs besides its options. Now and Log are required, and Tasks where the options name the task.
type World struct {
	Tasks []tasks.Task
	// Library is the declaration to work by; the zero Library: the built-in one that fits the collections.
	Library  library.Library
	Now      func() time.Time
	Host     string // this machine's or pod's name, for whoever meets the lock
	Random   string // of this process alone: runs that begin in the same second do not share a name
	Log      *slog.Logger
	Progress *progress.Progress
	// ServerTime is the database server's clock, by which ages count; nil: the server is asked.
	ServerTime func(context.Context, *mongodb.Reader) (time.Time, error)
	// Monitor sees every command that goes to the database; nil: nobody does.
	Monitor func(connection.Command)
	// Memory is how many bytes the process may use; 0: nothing limits it.
	Memory int64
	// Dial takes the place of the network to the database; nil: TCP.
	Dial connection.Dial
	// ClaimFor and Poll are those of a sharing.Team.
	ClaimFor, Poll time.Duration
}

// Causes with which a run's context ends.
var (
	ErrInterrupted = errors.New("the run was told to stop")
	errTimedOut    = errors.New("the run took longer than --timeout")
)

// Run does the one of w's tasks that o names. The context ends with the cause ErrInterrupted when the run shall stop at
// the next safe point.
func Run(ctx context.Context, o jobspec.Options, w World) report.Result {
	return start(ctx, &run{o: o, World: w}, (*run).choose)
}

// RunTask does a task that is none of jobspec.Tasks, in the same order. w needs no Tasks.
func RunTask(ctx context.Context, o jobspec.Options, w World, task tasks.Task) report.Result {
	o.Task = task.Name
	return start(ctx, &run{o: o, World: w, own: true}, func(r *run) error {
		r.task = task
		if err := o.ValidateSettings(); err != nil {
			return &usageError{err}
		}
		return nil
	})
}

// start takes the steps, of which choose is the first, and makes one result of whatever happens.
func start(ctx context.Context, r *run, choose func(*run) error) (result report.Result) {
	r.result = begin(r.o, r.World)
	r.clock = r.result.StartedAt
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("panic", "value", p, "stack", string(debug.Stack()))
			r.end(ctx, fmt.Errorf("a defect in this program: %v", p))
		}
		result = r.result
	}()
	if r.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.o.Timeout, errTimedOut)
		defer cancel()
	}
	r.end(ctx, r.steps(ctx, choose))
	return r.result
}

// run is one run under way.
type run struct {
	World
	o      jobspec.Options
	task   tasks.Task
	db     *mongodb.Database // nil for a task without one
	writer *mongodb.Writer   // of the exclusive lock while it is held; else nil
	result report.Result
	// warnings are those of before the present attempt, earlier is what the attempts before it did, and planned what the
	// first one was about to do.
	warnings         []string
	earlier, planned report.Counts
	throttle         *throttle.Throttle
	team             *sharing.Team // nil: this process is alone
	own              bool          // the task is none of jobspec.Tasks
	entered          bool          // the journal knows the run
	idle             bool          // the idle gate has let this run through
	yields           int           // how often it made way for another
	// clock is the server's time when the run connected, or this machine's for a task without a database.
	clock time.Time
	// apart is how far this machine's clock is ahead of the server's, measured once; 0 where they agree well enough.
	apart time.Duration
}

func begin(o jobspec.Options, w World) report.Result {
	now := w.Now().UTC()
	if o.RunID == "" {
		o.RunID = strings.TrimSuffix(fmt.Sprintf("%s-%d-%s", o.Task, now.Unix(), w.Random), "-")
	}
	return report.Result{SchemaVersion: report.SchemaVersion, Task: o.Task, Run: o.RunID, DryRun: o.DryRun, StartedAt: now,
		Counts: report.Counts{}}
}

// steps is the order of a run.
func (r *run) steps(ctx context.Context, choose func(*run) error) error {
	if err := choose(r); err != nil {
		return err
	}
	defer r.limit(ctx)()
	if err := r.keepClock(); err != nil {
		return err
	}
	ctx, leave, err := r.keepWindow(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if err := r.connect(ctx); err != nil {
		return err
	}
	defer r.disconnect(ctx)
	if err := r.findLibrary(ctx); err != nil {
		return err
	}
	switch {
	case r.o.Helps():
		return r.help(ctx)
	case r.o.Leads():
		return r.lead(ctx)
	}
	return r.turns(ctx)
}

// choose finds the task and checks the options.
func (r *run) choose() error {
	named, err := jobspec.TaskByName(r.o.Task)
	if err != nil {
		return &usageError{err}
	}
	r.o.Task, r.result.Task = named.Name, named.Name
	if err := r.o.Validate(); err != nil {
		return &usageError{err}
	}
	for _, t := range r.Tasks {
		if t.Name == named.Name {
			r.task = t
			return nil
		}
	}
	return &usageError{fmt.Errorf("the task %s is not part of this release: `maint-job list` shows those that are",
		named.Name)}
}

// prepare gathers and plans; what the plan shows is the result so far.
func (r *run) prepare(ctx context.Context) (tasks.Plan, error) {
	plan, err := r.task.Prepare(ctx, r.env())
	if err != nil {
		return plan, err
	}
	r.result.Counts, r.result.Sample, r.result.PlanDigest, r.result.Message = plan.Counts, clipped(plan.Sample),
		plan.Digest, plan.Message
	if r.planned == nil {
		r.planned = plan.Counts
	}
	r.result.Warnings = append(r.result.Warnings, plan.Warnings...)
	r.applyVerdict(plan.Verdict)
	return plan, nil
}

// execute replaces what was planned by what was done.
func (r *run) execute(ctx context.Context, plan tasks.Plan) error {
	r.result.Counts = nil // were it to panic, nobody knows what was done
	done, err := plan.Execute(ctx, r.writer)
	r.result.Counts, r.result.Message = r.whole(done.Counts), done.Message
	r.result.Warnings = append(r.result.Warnings, done.Warnings...)
	r.applyVerdict(done.Verdict)
	r.nameRefusals()
	return err
}

func (r *run) env() tasks.Env {
	began := r.Now() // not StartedAt, since a time in UTC has lost its monotonic part
	return tasks.Env{
		Options: r.o, Library: r.Library, DB: r.reader(), Checkpoints: r.checkpoints(),
		Now: r.clock, Elapsed: func() time.Duration { return r.Now().Sub(began) }, RunID: r.result.Run,
		Log: r.Log, Progress: r.Progress, Throttle: r.throttle, Memory: r.Memory, Team: r.team,
	}
}

func (r *run) reader() *mongodb.Reader {
	if r.db == nil {
		return nil
	}
	return r.db.Reader()
}

// checkpoints keep nothing where the run has no lock of its own.
func (r *run) checkpoints() checkpoint.Store {
	switch {
	case r.db == nil:
		return nil
	case r.writer == nil:
		return stores.SavedCheckpoints(r.db.Reader())
	}
	return stores.Checkpoints(r.writer)
}

// stops tells whether a verdict forbids to execute: a plan that could judge only a part may still be carried out.
func stops(v *tasks.Verdict) bool {
	return v != nil && v.Outcome != report.Partial && v.Outcome != report.Paused
}

// because gives an error the reason for which the context ended, if it did.
func (r *run) because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return err
}
