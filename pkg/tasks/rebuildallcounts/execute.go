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

// execute writes the counters, batch by batch, each batch in one collection.
func execute(ctx context.Context, env tasks.Env, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts(), Message: "every counter is right"}
	env.Progress.Start("writing counters", int64(len(p.changes)))
	defer env.Progress.Done()
	var total mongodb.Written
	for some := range batches(p.changes) {
		updates := make([]mongodb.Update, len(some))
		for i, c := range some {
			updates[i] = c.update()
		}
		written, err := env.DB.Update(ctx, some[0].kind.collection, updates)
		done.Counts[some[0].kind.count] += written.Modified
		total.Modified, total.Changed = total.Modified+written.Modified, total.Changed+written.Changed
		if err != nil {
			return done, err
		}
		env.Progress.Add(int64(len(some)))
	}
	if total.Modified > 0 {
		done.Message = fmt.Sprintf("corrected the counters of %d documents", total.Modified)
	}
	if total.Changed > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d documents changed while this ran and are left for the next run", total.Changed))
	}
	return done, nil
}

// batches cuts changes, which come ordered by collection, where the collection changes and every batch documents.
func batches(changes []change) func(yield func([]change) bool) {
	return func(yield func([]change) bool) {
		for len(changes) > 0 {
			collection := changes[0].kind.collection
			n := slices.IndexFunc(changes, func(c change) bool { return c.kind.collection != collection })
			if n < 0 {
				n = len(changes)
			}
			n = min(n, batch)
			if !yield(changes[:n]) {
				return
			}
			changes = changes[n:]
		}
	}
}
