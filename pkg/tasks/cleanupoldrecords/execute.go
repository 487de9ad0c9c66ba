package cleanupoldrecords

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many deletions are prepared at a time.
const batch = 500

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts()}
	for _, x := range p.expired {
		deleted, changed, err := x.deleteAll(ctx, env, w)
		done.Counts[x.key()] += deleted
		if changed > 0 {
			done.Warnings = append(done.Warnings,
				fmt.Sprintf("%d documents of %s changed while this ran and were left alone", changed, x.Collection))
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (x expired) deleteAll(ctx context.Context, env tasks.Env, w *mongodb.Writer) (deleted, changed int64, err error) {
	env.Progress.Start("deleting from "+x.Collection, int64(len(x.records)))
	defer env.Progress.Done()
	journal := stores.NewJournal(w, env.RunID)
	for some := range slices.Chunk(x.records, batch) {
		deletions := make([]mongodb.Deletion, len(some))
		for i, r := range some {
			deletions[i] = mongodb.Deletion{ID: r.id, If: r.unchanged}
		}
		n, left, err := journal.Delete(ctx, x.Collection, deletions)
		deleted, changed = deleted+n, changed+left
		if err != nil {
			return deleted, changed, err
		}
		env.Progress.Add(int64(len(some)))
	}
	return deleted, changed, nil
}
