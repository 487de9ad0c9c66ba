package databaseoptimization

import (
	"context"
	"errors"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
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
	members []string // what was compacted on each member, in words
	refused refusals
	left    []string // index files that cannot be written, in words
}

// execute compacts, then creates indexes, then writes index files: what fails for a full disk comes last.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	x := &execution{env: env, db: w, plan: p, done: tasks.Done{Counts: tasks.NoCounts(jobspec.DatabaseOptimization)},
		refused: p.refused}
	x.done.Counts["indexesConflicting"], x.done.Counts["faissIndexesSkipped"] = p.conflicting, p.vectors.Skipped
	if err := tasks.InOrder(ctx, x.compact, x.createIndexes, x.writeIndexFiles); err != nil {
		return x.done, err
	}
	x.done.Message = strings.Join(append([]string{p.message(x.done.Counts)}, x.members...), "; ")
	x.done.Verdict = verdict(x.done.Message, x.refused, x.left)
	return x.done, nil
}

func (x *execution) createIndexes(ctx context.Context) error {
	return tasks.InBatches(x.env, "creating indexes", x.plan.creations, 1, func(one []creation) error {
		return x.createIndex(ctx, one[0])
	})
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
	return x.refused.note(err)
}

// refusals are the commands that the server would not run, each in words.
type refusals []string

// note keeps a refusal, and gives back any other error.
func (r *refusals) note(err error) error { return r.noteAt(admin.Place{}, err) }

// noteAt is note of what a place would not do.
func (r *refusals) noteAt(p admin.Place, err error) error {
	var not *connection.RefusedError
	if errors.As(err, &not) {
		*r = append(*r, not.Error()+p.On())
		return nil
	}
	return err
}
