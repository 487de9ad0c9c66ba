package rebuildallcounts

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many documents are written between two looks at the context.
const batch = 500

// execute writes the counters, collection by collection, batch by batch.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts(), Message: "every counter is right"}
	env.Progress.Start("writing counters", int64(p.size()))
	defer env.Progress.Done()
	var total mongodb.Written
	for kind, changes := range p.changes {
		for some := range slices.Chunk(changes, batch) {
			updates := make([]mongodb.Update, len(some))
			for i, d := range some {
				updates[i] = p.kinds[kind].Update(d)
			}
			written, err := w.Update(ctx, p.kinds[kind].Collection, updates)
			done.Counts[countKeys[kind]] += written.Modified
			total.Modified, total.Changed = total.Modified+written.Modified, total.Changed+written.Changed
			if err != nil {
				return done, err
			}
			env.Progress.Add(int64(len(some)))
		}
	}
	if total.Modified > 0 {
		done.Message = fmt.Sprintf("corrected the counters of %d documents", total.Modified)
	}
	if total.Changed > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d documents changed while this ran and are left for the next run", total.Changed))
	}
	return done, nil
}
