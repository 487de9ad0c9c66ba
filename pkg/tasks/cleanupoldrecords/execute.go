package cleanupoldrecords

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many deletions are prepared at a time.
const batch = 500

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts()}
	for _, x := range p.expired {
		left, err := x.deleteAll(ctx, env, w, done.Counts)
		if left > 0 {
			done.Warnings = append(done.Warnings, fmt.Sprintf(
				"%d documents of %s, or documents that refer to them, changed while this ran or could not be changed: they wait for the next run",
				left, x.Collection))
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// deleteAll gives the number of documents that were left alone.
func (x expired) deleteAll(ctx context.Context, env tasks.Env, w *mongodb.Writer, counts report.Counts) (left int64, err error) {
	env.Progress.Start("deleting from "+x.Collection, int64(len(x.records)))
	defer env.Progress.Done()
	journal := stores.NewJournal(w, env.RunID)
	for some := range slices.Chunk(x.records, batch) {
		n, err := x.deleteBatch(ctx, env.RunID, journal, w, some, counts)
		left += n
		if err != nil {
			return left, err
		}
		env.Progress.Add(int64(len(some)))
	}
	return left, nil
}

// deleteBatch changes what refers to some records by the rule of each reference, and then deletes them.
func (x expired) deleteBatch(
	ctx context.Context, run string, journal *stores.Journal, w *mongodb.Writer, some []record, counts report.Counts,
) (left int64, err error) {
	due := some
	if len(x.referrers.For(idsOf(some)).Changes) > 0 {
		if due, err = x.stillDue(ctx, w, some); err != nil {
			return 0, err
		}
		cleared, err := x.clear(ctx, run, w, due, counts)
		switch {
		case err != nil || !cleared && len(some) == 1:
			return int64(len(some)), err
		case !cleared: // because of what refers to one of them
			return x.deleteOneByOne(ctx, run, journal, w, some, counts)
		}
	}
	deletions := make([]mongodb.Deletion, len(due))
	for i, r := range due {
		deletions[i] = mongodb.Deletion{ID: r.id, If: r.unchanged}
	}
	deleted, changed, err := journal.Delete(ctx, x.Collection, deletions)
	counts[x.key()] += deleted
	return int64(len(some)-len(due)) + changed, err
}

// deleteOneByOne is deleteBatch for each record alone.
func (x expired) deleteOneByOne(
	ctx context.Context, run string, journal *stores.Journal, w *mongodb.Writer, some []record, counts report.Counts,
) (left int64, err error) {
	for one := range slices.Chunk(some, 1) {
		n, err := x.deleteBatch(ctx, run, journal, w, one, counts)
		left += n
		if err != nil {
			return left, err
		}
	}
	return left, nil
}

// stillDue are those of some records that are what was judged: what refers to the others must stay.
func (x expired) stillDue(ctx context.Context, w *mongodb.Writer, some []record) (due []record, err error) {
	byID := bsonvalue.IDMap[record]{}
	for _, r := range some {
		byID.Put(r.id, r)
	}
	err = w.Documents(ctx, x.Collection, idsOf(some), x.fields(), func(doc bson.Raw) error {
		r, known := byID.At(bsonvalue.Reference(doc, "_id"))
		for field, judged := range r.unchanged {
			known = known && bsonvalue.Reference(doc, field) == judged
		}
		if known {
			due = append(due, r)
		}
		return nil
	})
	return due, err
}

// clear counts what it changed; a key is there only where something was.
func (x expired) clear(
	ctx context.Context, run string, w *mongodb.Writer, due []record, counts report.Counts,
) (cleared bool, err error) {
	changed := report.Counts{}
	cleared, err = x.referrers.For(idsOf(due)).Clear(ctx, w, run, changed)
	for key, n := range changed {
		if n > 0 {
			counts[key] += n
		}
	}
	return cleared, err
}
