package cleanupoldrecords

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execution is what has been done so far.
type execution struct {
	env     tasks.Env
	w       *mongodb.Writer
	journal *stores.Journal
	done    tasks.Done
}

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	e := &execution{env, w, stores.NewJournal(w, env.RunID), tasks.Done{Counts: p.counts()}}
	for _, x := range p.expired {
		var left int64
		err := tasks.InBatches(env, "deleting from "+x.Collection, x.records, tasks.BatchSize, func(batch []record) error {
			n, err := e.delete(ctx, x, batch)
			left += n
			return err
		})
		tasks.Add(&e.done.Warnings, left, "%d documents of %s, or documents that refer to them, changed while this ran "+
			"or could not be changed: they wait for the next run", x.Collection)
		if err != nil {
			return e.done, err
		}
	}
	return e.done, nil
}

// delete changes what refers to some records by the rule of each reference, and then deletes them. It gives the number
// of records that were left alone.
func (e *execution) delete(ctx context.Context, x expired, batch []record) (left int64, err error) {
	due := batch
	if len(x.referrers.For(mongodb.Targets(batch)).Changes) > 0 {
		if due, err = e.stillDue(ctx, x, batch); err != nil {
			return 0, err
		}
		cleared, err := x.referrers.For(mongodb.Targets(due)).Clear(ctx, e.w, e.env.RunID, e.done.Counts)
		switch {
		case err != nil || !cleared && len(batch) == 1:
			return int64(len(batch)), err
		case !cleared: // because of what refers to one of them
			return tasks.OneByOne(batch, func(one []record) (int64, error) { return e.delete(ctx, x, one) })
		}
	}
	deletions := make([]mongodb.Deletion, len(due))
	for i, r := range due {
		deletions[i] = r.Deletion
	}
	deleted, changed, err := e.journal.Delete(ctx, x.Collection, deletions)
	e.done.Counts[x.key()] += deleted
	return int64(len(batch)-len(due)) + changed, err
}

// stillDue are those of some records that are what was judged: what refers to the others must stay.
func (e *execution) stillDue(ctx context.Context, x expired, batch []record) (due []record, err error) {
	err = mongodb.Reread(ctx, e.w.Reader, x.Collection, batch, x.fields(), func(r record, doc bson.Raw) error {
		if r.StillDue(doc) {
			due = append(due, r)
		}
		return nil
	})
	return due, err
}
