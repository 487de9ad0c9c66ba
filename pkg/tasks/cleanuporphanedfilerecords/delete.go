package cleanuporphanedfilerecords

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// deleteDue takes away what is due and missing in a last look too, batch by batch: first what refers to the records,
// then they, then their notes.
func (r *run) deleteDue(ctx context.Context) error {
	var left, changed int64
	err := tasks.InBatches(r.env, "deleting records", r.records[due], r.batch, func(batch []presence.Missing) error {
		gone, err := r.stillMissing(ctx, batch)
		if err != nil {
			return err
		}
		left += int64(len(batch) - len(gone))
		conflicts, err := r.deleteBatch(ctx, gone)
		changed += conflicts
		return err
	})
	if err != nil {
		return err
	}
	tasks.Add(&r.done.Warnings, left,
		"%d files came back, moved, or could not be looked for again meanwhile: their records were left alone")
	tasks.Add(&r.done.Warnings, changed, "%d records, or documents that refer to them, were written to meanwhile "+
		"or could not be changed: they wait for the next run")
	return nil
}

// stillMissing is how to delete those of some due records that the last look does not find either, and that still are
// what was judged.
func (r *run) stillMissing(ctx context.Context, some []presence.Missing) (gone []mongodb.Deletion, err error) {
	verdicts, _, err := r.again.Look(ctx, some)
	if err != nil {
		return nil, err
	}
	var still []presence.Missing
	for i, m := range some {
		if verdicts[i] == roots.Missing {
			still = append(still, m)
		}
	}
	files := r.library.Files
	fields, names := newJudged(files), judgedBy(files)
	err = mongodb.Reread(ctx, r.w.Reader, files.Collection, still, names, func(m presence.Missing, doc bson.Raw) error {
		row := fields.Read(doc)
		if path, ok := row[fields.path].StringValueOK(); ok && path == m.Path && !fields.fileless(row) {
			gone = append(gone, mongodb.DeletionOf(doc, names))
		}
		return nil
	})
	return gone, err
}

// deleteBatch gives the number of records that were left, since somebody wrote to them or to what refers to them. A
// note about a record that is gone and not forgotten here is stale to the next run.
func (r *run) deleteBatch(ctx context.Context, gone []mongodb.Deletion) (left int64, err error) {
	deleted, left, err := r.referrers.Delete(ctx, r.w, r.env.RunID, gone, r.done.Counts)
	r.done.Counts["recordsDeleted"] += deleted
	if err != nil || left > 0 {
		return left, err
	}
	return 0, stores.ForgetMissing(ctx, r.w, mongodb.Targets(gone))
}
