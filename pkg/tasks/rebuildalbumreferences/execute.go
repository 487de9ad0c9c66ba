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

// execute writes the changes; those that take a reference away go through the journal.
func execute(ctx context.Context, env tasks.Env, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: report.Counts{"albumsProcessed": p.albums, "filesUpdated": 0, "referencesAdded": 0, "referencesRemoved": 0}}
	env.Progress.Start("writing files", int64(len(p.changes)))
	defer env.Progress.Done()
	var left int64
	for some := range slices.Chunk(p.changes, batch) {
		written, err := write(ctx, env, some)
		if err != nil {
			done.Counts["filesUpdated"] += written.Modified
			return done, err
		}
		if some, err = really(ctx, env, some, written); err != nil {
			return done, err
		}
		left += written.Changed
		for _, c := range some {
			c.addTo(done.Counts)
		}
		env.Progress.Add(int64(len(some)))
	}
	if left > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d files changed while this ran and were left for the next run", left))
	}
	return done, nil
}

func write(ctx context.Context, env tasks.Env, some []change) (mongodb.Written, error) {
	f := env.Model.Files
	var plain, journaled []mongodb.Update
	for _, c := range some {
		if c.loses {
			journaled = append(journaled, c.update(f.Albums))
			continue
		}
		plain = append(plain, c.update(f.Albums))
	}
	first, err := env.DB.Update(ctx, f.Collection, plain)
	if err != nil {
		return first, err
	}
	second, err := env.DB.UpdateJournaled(ctx, env.RunID, f.Collection, journaled)
	first.Matched += second.Matched
	first.Modified += second.Modified
	first.Changed += second.Changed
	return first, err
}

// really is those of some that were written: all, unless some files had changed.
func really(ctx context.Context, env tasks.Env, some []change, w mongodb.Written) ([]change, error) {
	if w.Changed == 0 {
		return some, nil
	}
	f := env.Model.Files
	updates := make([]mongodb.Update, len(some))
	for i, c := range some {
		updates[i] = c.update(f.Albums)
	}
	landed, err := env.DB.Landed(ctx, f.Collection, updates)
	var written []change
	for i, yes := range landed {
		if yes {
			written = append(written, some[i])
		}
	}
	return written, err
}
