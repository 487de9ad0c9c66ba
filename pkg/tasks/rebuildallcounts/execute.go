package rebuildallcounts

import (
	"context"
	"fmt"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execute writes the counters, collection by collection.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts(), Message: p.right()}
	var total mongodb.Written
	for i, of := range p.collections {
		write := func(batch []recount.Document) error {
			written, err := w.Update(ctx, of.Name, mongodb.Updates(batch))
			done.Counts[countKey(of)] += written.Modified
			total = total.Plus(written)
			return err
		}
		if err := tasks.InBatches(env, "writing counters", p.changes[i], tasks.BatchSize, write); err != nil {
			return done, err
		}
	}
	if total != (mongodb.Written{}) {
		done.Message = fmt.Sprintf("corrected the counters of %d documents", total.Modified)
	}
	tasks.Add(&done.Warnings, total.Conflicts, "%d documents changed while this ran and are left for the next run")
	return done, nil
}
