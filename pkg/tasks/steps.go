package tasks

import (
	"context"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/sharing"
)

// Steps is a task as its author writes it; F are the facts, P is the plan.
type Steps[F, P any] struct {
	Gather  func(ctx context.Context, env Env) (F, error)
	Plan    func(facts F, o jobspec.Options) P
	Present func(plan P) Plan // what a person sees of the plan; Execute is filled by Task
	// Execute is nil for a task that only reads.
	Execute func(ctx context.Context, env Env, w *mongodb.Writer, plan P) (Done, error)
	// Help is nil for a task that only one process at a time can do.
	Help func(ctx context.Context, env Env) (sharing.Helped, error)
	// Remember is Plan.Remember; nil for a task that remembers nothing of a refused run.
	Remember func(ctx context.Context, w *mongodb.Writer, plan P) error
}

// Task joins the steps to the task that is declared by this name. They are not taken where the library declares nothing
// that concerns the task.
func (s Steps[F, P]) Task(name string) Task {
	declared := jobspec.Declared(name)
	prepare := func(ctx context.Context, env Env) (Plan, error) {
		if nothing := env.Library.Nothing(declared.Section); nothing != "" {
			return Plan{Counts: NoCounts(name), Message: nothing}, nil
		}
		facts, err := s.Gather(ctx, env)
		if err != nil {
			return Plan{}, err
		}
		plan := s.Plan(facts, env.Options)
		shown := s.Present(plan)
		if err := shown.name(ctx, env); err != nil {
			return Plan{}, err
		}
		if s.Execute != nil {
			shown.Execute = func(ctx context.Context, w *mongodb.Writer) (Done, error) { return s.Execute(ctx, env, w, plan) }
		}
		if s.Remember != nil {
			shown.Remember = func(ctx context.Context, w *mongodb.Writer) error { return s.Remember(ctx, w, plan) }
		}
		return shown, nil
	}
	return Task{Task: declared, Prepare: prepare, Help: s.Help}
}

// NoCounts are the counts that are declared for a task, all of them 0.
func NoCounts(task string) report.Counts {
	counts := report.Counts{}
	for _, key := range jobspec.Declared(task).Counts {
		counts[key] = 0
	}
	return counts
}
