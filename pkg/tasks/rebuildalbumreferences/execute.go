package rebuildalbumreferences

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many documents are written between two looks at the context.
const batch = 500

// execute writes the lists, each into the journal first.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts()}
	for _, r := range p.mirrors {
		stale, err := r.write(ctx, env, w, done.Counts)
		if stale > 0 {
			done.Warnings = append(done.Warnings, fmt.Sprintf(
				"%d documents of %s changed while this ran and were left for the next run", stale, r.mirror.Field.Collection))
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// write writes the changes batch by batch, counts those that were made, and returns how many documents had changed and
// were left.
func (r rebuilt) write(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, counts report.Counts,
) (stale int64, err error) {
	field, journal := r.mirror.Field, stores.NewJournal(w, env.RunID)
	env.Progress.Start("writing "+env.Library.Noun(field.Collection), int64(len(r.changes)))
	defer env.Progress.Done()
	for some := range slices.Chunk(r.changes, batch) {
		updates := make([]mongodb.Update, len(some))
		for i, c := range some {
			updates[i] = c.update(field.Name)
		}
		written, err := journal.Update(ctx, field.Collection, updates)
		stale += written.Conflicts
		if err != nil {
			counts[r.counts[1]] += written.Modified
			return stale, err
		}
		applied, err := w.Applied(ctx, field.Collection, updates, written)
		if err != nil {
			return stale, err
		}
		for i, c := range some {
			if applied[i] {
				r.add(counts, c)
			}
		}
		env.Progress.Add(int64(len(some)))
	}
	return stale, nil
}
