package cleanupoldrecords

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many deletions are prepared at a time.
const batch = 500

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: counts(0, 0)}
	env.Progress.Start("deleting old records", int64(len(p.tasks.records)+len(p.journal.records)))
	defer env.Progress.Done()
	for _, part := range []struct {
		key string
		expired
	}{{"tasksDeleted", p.tasks}, {"journalDeleted", p.journal}} {
		deleted, changed, err := part.deleteAll(ctx, env, w)
		done.Counts[part.key] = deleted
		if changed > 0 {
			done.Warnings = append(done.Warnings, fmt.Sprintf("%d %s changed while this ran and were left alone", changed, part.what))
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (x expired) deleteAll(ctx context.Context, env tasks.Env, w *mongodb.Writer) (deleted, changed int64, err error) {
	for some := range slices.Chunk(x.records, batch) {
		deletions := make([]mongodb.Deletion, len(some))
		for i, r := range some {
			deletions[i] = x.deletion(r)
		}
		n, left, err := w.DeleteJournaled(ctx, env.RunID, x.collection, deletions)
		deleted, changed = deleted+n, changed+left
		if err != nil {
			return deleted, changed, err
		}
		env.Progress.Add(int64(len(some)))
	}
	return deleted, changed, nil
}
