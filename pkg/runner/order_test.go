package runner_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/lock/folder"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// task is a task that notes which of its steps were taken.
type task struct {
	name   string
	access jobspec.Access
	plan   tasks.Plan
	// prepare and execute are what the steps do besides; nil: nothing.
	prepare   func(ctx context.Context) error
	execute   func(ctx context.Context) (tasks.Done, error)
	readsOnly bool // it has no Execute

	steps  []string
	writer *mongodb.Writer // that execute was given
}

func (k *task) task() tasks.Task {
	declared := jobspec.Declared(k.name)
	declared.Access = k.access
	return tasks.Task{Task: declared, Prepare: func(ctx context.Context, _ tasks.Env) (tasks.Plan, error) {
		k.steps = append(k.steps, "prepare")
		if k.prepare != nil {
			if err := k.prepare(ctx); err != nil {
				return tasks.Plan{}, err
			}
		}
		plan := k.plan
		if !k.readsOnly {
			plan.Execute = k.executed
		}
		return plan, nil
	}}
}

func (k *task) executed(ctx context.Context, w *mongodb.Writer) (tasks.Done, error) {
	k.writer = w
	k.steps = append(k.steps, "execute")
	if k.execute == nil {
		return tasks.Done{Counts: report.Counts{"done": 1}}, nil
	}
	return k.execute(ctx)
}

// small is the declaration of a library of one collection, with the desktop application's signs of use.
const small = `
library: small
collections: {file_records: files}
busy:
  - {collection: tasks, where: {status: [pending, running]}, since: updated_at}
  - {collection: app_activity, since: last_activity}
`

// world is one with that task alone, and a small library.
func world(k *task) runner.World {
	l, err := library.Read("small.yaml", []byte(small))
	if err != nil {
		panic(err)
	}
	return runner.World{
		Tasks: []tasks.Task{k.task()}, Library: l, Now: time.Now, Host: "here",
		Log: slog.New(slog.DiscardHandler),
	}
}

// fullWorld is one with the tasks of the product, in which a run finds the library that the database holds.
func fullWorld() runner.World {
	return runner.World{Tasks: all.Tasks(), Now: time.Now, Host: "here", Log: slog.New(slog.DiscardHandler)}
}

// verdict is a plan with that outcome.
func verdict(o report.Outcome) tasks.Plan {
	return tasks.Plan{Counts: report.Counts{"planned": 1}, Verdict: &tasks.Verdict{Outcome: o,
		Reason: report.ReasonDeletionCapExceeded, Message: "decided"}}
}

func untilTheEnd(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// A task without a database is enough to see the order.
func TestTheOrderOfARun(t *testing.T) {
	stopped, stop := context.WithCancelCause(context.Background())
	stop(runner.ErrInterrupted)
	both := []string{"prepare", "execute"}
	for name, c := range map[string]struct {
		ctx     context.Context // nil: the test's
		task    task
		spoil   func(*jobspec.Options)
		steps   []string
		outcome report.Outcome
		reason  report.Reason
		counts  report.Counts // nil: none
	}{
		"a run prepares, then executes": {
			steps: both, outcome: report.Succeeded, counts: report.Counts{"done": 1}},
		"a dry run stops after the plan": {
			spoil: func(o *jobspec.Options) { o.DryRun = true },
			task:  task{plan: tasks.Plan{Counts: report.Counts{"planned": 1}}},
			steps: both[:1], outcome: report.Succeeded, counts: report.Counts{"planned": 1}},
		"a task that only reads ends with its plan": {
			task: task{readsOnly: true, plan: tasks.Plan{Counts: report.Counts{"planned": 1}}}, steps: both[:1],
			outcome: report.Succeeded, counts: report.Counts{"planned": 1}},
		"what was refused is not executed": {
			task: task{plan: verdict(report.Refused)}, steps: both[:1], outcome: report.Refused,
			reason: report.ReasonDeletionCapExceeded, counts: report.Counts{"planned": 1}},
		"what was skipped is not executed": {
			task: task{plan: verdict(report.Skipped)}, steps: both[:1], outcome: report.Skipped,
			reason: report.ReasonDeletionCapExceeded, counts: report.Counts{"planned": 1}},
		"what failed in the plan is not executed": {
			task: task{plan: verdict(report.Failed)}, steps: both[:1], outcome: report.Failed,
			reason: report.ReasonDeletionCapExceeded, counts: report.Counts{"planned": 1}},
		"a plan for a part is executed, and stays partial": {
			task: task{plan: verdict(report.Partial)}, steps: both, outcome: report.Partial,
			reason: report.ReasonDeletionCapExceeded, counts: report.Counts{"done": 1}},
		"a plan that goes on next time is executed": {
			task: task{plan: verdict(report.Paused)}, steps: both, outcome: report.Paused,
			reason: report.ReasonDeletionCapExceeded, counts: report.Counts{"done": 1}},
		"what executing decides counts more than the plan": {
			task: task{plan: verdict(report.Partial), execute: func(context.Context) (tasks.Done, error) {
				return tasks.Done{Verdict: &tasks.Verdict{Outcome: report.Paused, Reason: report.ReasonTimeBudgetSpent}}, nil
			}}, steps: both, outcome: report.Paused, reason: report.ReasonTimeBudgetSpent},
		"an error of the plan": {
			task: task{prepare: func(context.Context) error { return errors.New("broken") }}, steps: both[:1],
			outcome: report.Failed, reason: report.ReasonInternal},
		"an error with a reason of its own": {
			task: task{prepare: func(context.Context) error {
				return &tasks.Error{Reason: report.ReasonBadData,
					Err: errors.New("bad")}
			}},
			steps: both[:1], outcome: report.Failed, reason: report.ReasonBadData},
		"an error while executing keeps the counts": {
			task: task{execute: func(context.Context) (tasks.Done, error) {
				return tasks.Done{Counts: report.Counts{"done": 7}}, errors.New("broken")
			}}, steps: both, outcome: report.Failed, reason: report.ReasonInternal, counts: report.Counts{"done": 7}},
		"an error while executing is no success, whatever the plan said": {
			task: task{plan: verdict(report.Partial), execute: func(context.Context) (tasks.Done, error) {
				return tasks.Done{}, errors.New("broken")
			}}, steps: both, outcome: report.Failed, reason: report.ReasonInternal},
		"the timeout ends the plan": {
			spoil: func(o *jobspec.Options) { o.Timeout = time.Millisecond }, task: task{prepare: untilTheEnd},
			steps: both[:1], outcome: report.Failed, reason: report.ReasonTimedOut},
		"the timeout ends the execution": {
			spoil: func(o *jobspec.Options) { o.Timeout = time.Millisecond },
			task:  task{execute: func(ctx context.Context) (tasks.Done, error) { return tasks.Done{}, untilTheEnd(ctx) }},
			steps: both, outcome: report.Failed, reason: report.ReasonTimedOut},
		"a signal ends the plan": {
			ctx: stopped, task: task{prepare: untilTheEnd}, steps: both[:1], outcome: report.Failed,
			reason: report.ReasonInterrupted},
		"a signal ends the execution": {
			ctx: stopped, task: task{execute: func(ctx context.Context) (tasks.Done, error) {
				return tasks.Done{},
					untilTheEnd(ctx)
			}},
			steps: both, outcome: report.Failed, reason: report.ReasonInterrupted},
		"a signal is no failure of what is through": {
			ctx: stopped, steps: both, outcome: report.Succeeded, counts: report.Counts{"done": 1}},
		"a panic in the plan": {
			task: task{prepare: func(context.Context) error { panic("oh") }}, steps: both[:1], outcome: report.Failed,
			reason: report.ReasonInternal},
		"a panic while executing: nobody knows what was done": {
			task: task{plan: tasks.Plan{Counts: report.Counts{"planned": 1}}, execute: func(context.Context) (tasks.Done,
				error) {
				panic(errors.New("oh"))
			}}, steps: both, outcome: report.Failed, reason: report.ReasonInternal},
		"an unknown task": {
			spoil: func(o *jobspec.Options) { o.Task = "cache-clean-up-now" }, outcome: report.Failed,
			reason: report.ReasonUsage},
		"a task that is not in this release": {
			spoil: func(o *jobspec.Options) { o.Task = jobspec.LogRotation }, outcome: report.Failed,
			reason: report.ReasonUsage},
		"a wrong option": {
			spoil: func(o *jobspec.Options) { o.MaxDeletes = -1 }, outcome: report.Failed, reason: report.ReasonUsage},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where a timeout passes only while the task waits for it
				c.task.name = jobspec.CacheCleanup
				o := jobspec.Defaults()
				o.Task, o.CacheDirs = "cache_cleanup", []string{t.TempDir()}
				if c.spoil != nil {
					c.spoil(&o)
				}
				if c.ctx == nil {
					c.ctx = t.Context()
				}
				r := runner.Run(c.ctx, o, world(&c.task))
				if r.Outcome != c.outcome || r.Reason != c.reason {
					t.Errorf("got %s/%s, want %s/%s: %s", r.Outcome, r.Reason, c.outcome, c.reason, r.Message)
				}
				if diff := cmp.Diff(c.steps, c.task.steps); diff != "" {
					t.Errorf("steps:\n%s", diff)
				}
				if c.counts == nil {
					c.counts = report.Counts{}
				}
				if diff := cmp.Diff(c.counts, r.Counts); diff != "" {
					t.Errorf("counts:\n%s", diff)
				}
				complete(t, r)
				free(t, o.CacheDirs)
			})
		})
	}
}

// complete checks what every result must have.
func complete(t *testing.T, r report.Result) {
	t.Helper()
	if r.SchemaVersion != report.SchemaVersion || r.Run == "" || r.Message == "" || r.StartedAt.IsZero() ||
		r.FinishedAt.Before(r.StartedAt) {
		t.Errorf("not complete: %s", r.JSON())
	}
}

// free checks that no lock was left on the folders.
func free(t *testing.T, folders []string) {
	t.Helper()
	locks, err := folder.Lock(folders)
	if err != nil {
		t.Errorf("a lock was left: %v", err)
		return
	}
	locks.Release()
}

func TestAPanicExitsAsADefectAndLeavesItsStackInTheLog(t *testing.T) {
	var log strings.Builder
	k := &task{name: jobspec.CacheCleanup, prepare: func(context.Context) error { panic("oh") }}
	w := world(k)
	w.Log = slog.New(slog.NewTextHandler(&log, nil))
	o := jobspec.Defaults()
	o.Task = k.name
	r := runner.Run(t.Context(), o, w)
	if r.ExitCode() != jobspec.ExitInternal || !strings.Contains(r.Message, "a defect in this program: oh") {
		t.Errorf("exit code %d: %s", r.ExitCode(), r.Message)
	}
	if !strings.Contains(log.String(), "order_test.go") {
		t.Errorf("no stack in the log:\n%s", log.String())
	}
}

// Seen to fail when tasks without a database took no lock.
func TestASecondRunOnAFolderIsSkipped(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir()}
	o := jobspec.Defaults()
	o.Task, o.CacheDirs = jobspec.CacheCleanup, dirs
	second := &task{name: jobspec.CacheCleanup}
	first := &task{name: jobspec.CacheCleanup, execute: func(ctx context.Context) (tasks.Done, error) {
		o := o
		o.CacheDirs = dirs[1:]
		r := runner.Run(ctx, o, world(second))
		if r.Outcome != report.Skipped || r.Reason != report.ReasonLocked || !strings.Contains(r.Message, dirs[1]) ||
			!strings.Contains(r.Message, "another run") {
			t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
		}
		o.DryRun = true
		if r := runner.Run(ctx, o, world(second)); r.Outcome != report.Succeeded {
			t.Errorf("a dry run met the lock: %s", r.Message)
		}
		return tasks.Done{}, nil
	}}
	if r := runner.Run(t.Context(), o, world(first)); r.Outcome != report.Succeeded {
		t.Errorf("the first: %s", r.Message)
	}
	if !slices.Equal(second.steps, []string{"prepare"}) { // that of the dry run
		t.Errorf("the second took the steps %q", second.steps)
	}
	free(t, dirs)
}

func TestLinesOfTheSampleAreClipped(t *testing.T) {
	k := &task{name: jobspec.CacheCleanup, plan: tasks.Plan{Sample: []string{"short", strings.Repeat("ж", 200),
		strings.Repeat("ж", 201), strings.Repeat("x", 100_000)}}}
	o := jobspec.Defaults()
	o.Task = k.name
	r := runner.Run(t.Context(), o, world(k))
	want := []string{"short", strings.Repeat("ж", 200), strings.Repeat("ж", 199) + "…", strings.Repeat("x", 199) + "…"}
	if diff := cmp.Diff(want, r.Sample); diff != "" || !utf8.ValidString(strings.Join(r.Sample, "")) {
		t.Error(diff)
	}
}
