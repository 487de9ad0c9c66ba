package databaseoptimization

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execution is what has been done so far.
type execution struct {
	env     tasks.Env
	plan    plan
	done    tasks.Done
	refused []string
}

// execute compacts, then creates indexes, then writes index files: what fails for a full disk comes last.
func execute(ctx context.Context, env tasks.Env, p plan) (tasks.Done, error) {
	x := &execution{env: env, plan: p, done: tasks.Done{Counts: emptyCounts()}, refused: p.refused}
	x.done.Counts["indexesConflicting"] = p.conflicting
	for _, step := range []func(context.Context) error{x.compact, x.createIndexes, x.writeIndexFiles} {
		if err := step(ctx); err != nil {
			return x.done, err
		}
	}
	x.done.Message = p.message(x.done.Counts)
	x.done.Verdict = verdict(x.done.Message, x.refused)
	return x.done, nil
}

func (x *execution) compact(ctx context.Context) error {
	x.env.Progress.Start("compacting", int64(len(x.plan.compactions)))
	defer x.env.Progress.Done()
	for _, c := range x.plan.compactions {
		freed, err := x.env.DB.Compact(ctx, c.collection)
		switch refused, err := x.isRefused(err); {
		case err != nil:
			return err
		case !refused:
			x.done.Counts["collectionsCompacted"]++
			x.done.Counts["bytesFreed"] += freed
		}
		x.env.Progress.Add(1)
	}
	return nil
}

func (x *execution) createIndexes(ctx context.Context) error {
	x.env.Progress.Start("creating indexes", int64(len(x.plan.creations)))
	defer x.env.Progress.Done()
	for _, c := range x.plan.creations {
		if err := x.createIndex(ctx, c); err != nil {
			return err
		}
		x.env.Progress.Add(1)
	}
	return nil
}

func (x *execution) createIndex(ctx context.Context, c creation) error {
	err := x.env.DB.CreateIndex(ctx, c.collection, c.index.Name(), c.index.Fields, c.index.Unique)
	if err == nil {
		x.done.Counts["indexesCreated"]++
		return nil
	}
	var not *mongodb.RefusedError
	if c.index.Unique && errors.As(err, &not) {
		found, readErr := x.env.DB.Duplicates(ctx, c.collection, c.index.Fields)
		if readErr != nil {
			return readErr
		}
		if found.Documents > 0 { // written since the plan was made
			x.done.Counts["indexesConflicting"]++
			x.done.Warnings = append(x.done.Warnings, blocked(c.collection, c.index, found))
			return nil
		}
	}
	_, err = x.isRefused(err)
	return err
}

// isRefused notes what the server will not do, and gives back any other error.
func (x *execution) isRefused(err error) (bool, error) {
	var not *mongodb.RefusedError
	if errors.As(err, &not) {
		x.refused = append(x.refused, not.Error())
		return true, nil
	}
	return false, err
}
