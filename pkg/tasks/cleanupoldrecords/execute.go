package cleanupoldrecords

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts()}
	for _, x := range p.expired {
		var left int64
		err := tasks.InBatches(env, "deleting from "+x.Collection, x.records, tasks.BatchSize,
			func(batch []mongodb.Deletion) error {
				n, err := x.delete(ctx, w, env.RunID, batch, done.Counts)
				left += n
				return err
			})
		tasks.Add(&done.Warnings, left, "%d documents of %s, or documents that refer to them, changed while this ran "+
			"or could not be changed: they wait for the next run", x.Collection)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// delete deletes those of some records that are still due, and gives the number of the others.
func (x expired) delete(
	ctx context.Context, w *mongodb.Writer, run string, batch []mongodb.Deletion, counts report.Counts,
) (left int64, err error) {
	due := batch
	if len(x.referrers.For(mongodb.Targets(batch)).Changes) > 0 {
		if due, err = x.stillDue(ctx, w.Reader, batch); err != nil {
			return 0, err
		}
	}
	deleted, left, err := x.referrers.Delete(ctx, w, run, due, counts)
	counts[x.key()] += deleted
	return int64(len(batch)-len(due)) + left, err
}

// stillDue are those of some records that are what was judged: what refers to the others must stay.
func (x expired) stillDue(ctx context.Context, db *mongodb.Reader, batch []mongodb.Deletion) (due []mongodb.Deletion,
	err error) {
	err = mongodb.Reread(ctx, db, x.Collection, batch, x.fields(), func(r mongodb.Deletion, doc bson.Raw) error {
		if r.StillDue(doc) {
			due = append(due, r)
		}
		return nil
	})
	return due, err
}
