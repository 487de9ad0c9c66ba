package databaseoptimization

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execution is what has been done so far.
type execution struct {
	env     tasks.Env
	db      *mongodb.Writer
	plan    plan
	done    tasks.Done
	refused []string
}

// execute compacts, then creates indexes, then writes index files: what fails for a full disk comes last.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	x := &execution{env: env, db: w, plan: p, done: tasks.Done{Counts: emptyCounts()}, refused: p.refused}
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
		if err := x.unlessRefused(x.compactOne(ctx, c)); err != nil {
			return err
		}
		x.env.Progress.Add(1)
	}
	return nil
}

// compactOne asks once more: what was free may be in use again, or, where collections share one file, compacting
// another has returned it already.
func (x *execution) compactOne(ctx context.Context, c compaction) error {
	space, err := admin.MeasureSpace(ctx, x.db.Reader, c.collection, true)
	if err != nil || !x.plan.worthwhile(space) {
		return err
	}
	freed, err := admin.Compact(ctx, x.db, c.collection)
	if err != nil {
		return err
	}
	x.done.Counts["collectionsCompacted"]++
	x.done.Counts["bytesFreed"] += freed
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
	err := admin.CreateIndex(ctx, x.db, c.collection, c.index.Name(), c.index.Fields, c.index.Unique)
	if err == nil {
		x.done.Counts["indexesCreated"]++
		return nil
	}
	var not *connection.RefusedError
	if c.index.Unique && errors.As(err, &not) {
		found, readErr := admin.FindDuplicates(ctx, x.db.Reader, c.collection, c.index.Fields)
		if readErr != nil {
			return readErr
		}
		if found.Documents > 0 { // written since the plan was made
			x.done.Counts["indexesConflicting"]++
			x.done.Warnings = append(x.done.Warnings, blocked(c.collection, c.index, found))
			return nil
		}
	}
	return x.unlessRefused(err)
}

// unlessRefused notes what the server will not do, and gives back any other error.
func (x *execution) unlessRefused(err error) error {
	var not *connection.RefusedError
	if errors.As(err, &not) {
		x.refused = append(x.refused, not.Error())
		return nil
	}
	return err
}
