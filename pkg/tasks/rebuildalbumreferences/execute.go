package rebuildalbumreferences

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many files are written between two looks at the context.
const batch = 500

// execute writes the changes that only add, then those that take a reference away, which go through the journal.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: report.Counts{"albumsProcessed": p.albums, "filesUpdated": 0, "referencesAdded": 0, "referencesRemoved": 0}}
	env.Progress.Start("writing files", int64(len(p.changes)))
	defer env.Progress.Done()
	var adding, losing []change
	for _, c := range p.changes {
		if c.loses {
			losing = append(losing, c)
		} else {
			adding = append(adding, c)
		}
	}
	collection := env.Model.Files.Collection
	left, err := write(ctx, env, w, adding, done.Counts, func(updates []mongodb.Update) (mongodb.Written, error) {
		return w.Update(ctx, collection, updates)
	})
	if err != nil {
		return done, err
	}
	more, err := write(ctx, env, w, losing, done.Counts, func(updates []mongodb.Update) (mongodb.Written, error) {
		return w.UpdateJournaled(ctx, env.RunID, collection, updates)
	})
	if left += more; left > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d files changed while this ran and were left for the next run", left))
	}
	return done, err
}

// write writes changes batch by batch, counts those that were made, and returns how many files had changed and were left.
func write(ctx context.Context, env tasks.Env, w *mongodb.Writer, changes []change, counts report.Counts, send func([]mongodb.Update) (mongodb.Written, error)) (left int64, err error) {
	f := env.Model.Files
	for some := range slices.Chunk(changes, batch) {
		updates := make([]mongodb.Update, len(some))
		for i, c := range some {
			updates[i] = c.update(f.Albums)
		}
		written, err := send(updates)
		left += written.Changed
		if err != nil {
			counts["filesUpdated"] += written.Modified
			return left, err
		}
		landed, err := w.Landed(ctx, f.Collection, updates, written)
		if err != nil {
			return left, err
		}
		for i, c := range some {
			if landed[i] {
				c.addTo(counts)
			}
		}
		env.Progress.Add(int64(len(some)))
	}
	return left, nil
}
