package cleanuporphanedrecords

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many documents are written between two looks at the context.
const batch = 500

// execute shortens files, then albums, then removes embeddings. Each document is in the journal before it is touched.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: emptyCounts()}
	env.Progress.Start("removing references", int64(len(p.files)+len(p.albums)+len(p.embeddings)))
	defer env.Progress.Done()
	var changed int64
	for _, part := range []struct {
		collection, key string
		documents       []shortened
	}{{p.model.files, "filesCleaned", p.files}, {p.model.albums, "albumsCleaned", p.albums}} {
		n, err := shortenAll(ctx, env, w, part.collection, part.key, part.documents, done.Counts)
		changed += n
		if err != nil {
			return done, err
		}
	}
	deleted, n, err := w.DeleteJournaled(ctx, env.RunID, p.model.embeddings, p.embeddings)
	done.Counts["embeddingsRemoved"] = deleted
	if changed += n; changed > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d documents changed while this ran and were left for the next run", changed))
	}
	return done, err
}

func shortenAll(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, collection, key string,
	documents []shortened, counts report.Counts,
) (changed int64, err error) {
	for some := range slices.Chunk(documents, batch) {
		updates := make([]mongodb.Update, len(some))
		for i, s := range some {
			updates[i] = s.update
		}
		written, err := w.UpdateJournaled(ctx, env.RunID, collection, updates)
		changed += written.Changed
		if err != nil {
			counts[key] += written.Modified
			return changed, err
		}
		landed, err := w.Landed(ctx, collection, updates, written)
		if err != nil {
			return changed, err
		}
		for i, s := range some {
			if landed[i] {
				s.addTo(counts, key)
			}
		}
		env.Progress.Add(int64(len(some)))
	}
	return changed, nil
}
