package rebuildalbumreferences

import (
	"context"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execute writes the lists, each into the journal first.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts()}
	for _, r := range p.mirrors {
		var stale int64
		collection := r.mirror.Field.Collection
		write := func(batch []change) error {
			n, err := r.write(ctx, w, env.RunID, batch, done.Counts)
			stale += n
			return err
		}
		err := tasks.InBatchesBySize(env, "writing "+env.Library.Noun(collection), r.changes, r.bytes, write)
		tasks.Add(&done.Warnings, stale, "%d documents of %s changed while this ran and were left for the next run",
			collection)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// idBytes is about what an ObjectID takes in a list.
const idBytes = 19

// bytes is about what a change takes while it is written.
func (r rebuilt) bytes(c change) int { return c.field.Bytes() + int(c.added)*idBytes }

// write writes some changes, counts those that were made, and returns how many documents had changed and were left.
func (r rebuilt) write(
	ctx context.Context, w *mongodb.Writer, run string, batch []change, counts report.Counts,
) (stale int64, err error) {
	field, updates := r.mirror.Field, make([]mongodb.Update, len(batch))
	for i, c := range batch {
		list, _, _ := r.list(c.document)
		updates[i] = mongodb.Update{ID: c.id, Fields: []mongodb.Field{{Name: field.Name, Old: c.field, New: list}}}
	}
	written, err := stores.NewJournal(w, run).Update(ctx, field.Collection, updates)
	if err != nil {
		counts[r.counts[1]] += written.Modified
		return written.Conflicts, err
	}
	applied, err := w.Applied(ctx, field.Collection, updates, written)
	for i, c := range batch {
		if err == nil && applied[i] {
			r.add(counts, c)
		}
	}
	return written.Conflicts, err
}
