package rebuildallcounts

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many documents are written between two looks at the context.
const batch = 500

// execute writes the counters, collection by collection.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts(), Message: "every counter is right"}
	env.Progress.Start("writing counters", int64(p.size()))
	defer env.Progress.Done()
	var total mongodb.Written
	for i, of := range p.collections {
		written, err := write(ctx, env, w, of.Name, p.changes[i])
		done.Counts[countKey(of)] = written.Modified
		total.Modified, total.Conflicts = total.Modified+written.Modified, total.Conflicts+written.Conflicts
		if err != nil {
			return done, err
		}
	}
	if total.Modified > 0 {
		done.Message = fmt.Sprintf("corrected the counters of %d documents", total.Modified)
	}
	if total.Conflicts > 0 {
		warning := fmt.Sprintf("%d documents changed while this ran and are left for the next run", total.Conflicts)
		done.Warnings = append(done.Warnings, warning)
	}
	return done, nil
}

// write writes the counters of one collection batch by batch. On an error, Written is what was done until then.
func write(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, collection string, changes []recount.Document,
) (total mongodb.Written, err error) {
	for some := range slices.Chunk(changes, batch) {
		updates := make([]mongodb.Update, len(some))
		for i, d := range some {
			updates[i] = d.Update()
		}
		written, err := w.Update(ctx, collection, updates)
		total.Modified, total.Conflicts = total.Modified+written.Modified, total.Conflicts+written.Conflicts
		if err != nil {
			return total, err
		}
		env.Progress.Add(int64(len(some)))
	}
	return total, nil
}
