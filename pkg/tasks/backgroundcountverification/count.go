package backgroundcountverification

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// keepEvery is how much work a killed run loses at most, beside one batch.
const keepEvery = 10 * time.Second

// countSources reads on from where the scan stopped, at least one batch. Of a second scan whose documents have all
// changed since, there is nothing left to count.
func (w *work) countSources(ctx context.Context) error {
	if w.place.Ended || w.place.Second && len(w.place.Entries) == 0 {
		return nil
	}
	for ; w.place.Source < len(w.counters.Sources); w.place.Source++ {
		if err := w.countSource(ctx); err != nil {
			return err
		}
		w.place.After = mongodb.Position{}
	}
	w.place.Ended = true
	return w.keepPlace(ctx)
}

func (w *work) countSource(ctx context.Context) error {
	source := w.counters.Sources[w.place.Source]
	files, read := w.env.Library.HoldsFiles(source.Collection), int64(0)
	o := mongodb.ScanOptions{Fields: source.Names(), Paged: true, BatchSize: w.limits.batch, After: w.place.After}
	o.Visited = func(p mongodb.Position) error {
		w.place.After, w.counted = p, true
		if w.place.Scanned += read; files {
			w.files += read
		}
		if read = 0; w.left() <= 0 {
			return errSpent
		}
		return w.keepPlace(ctx)
	}
	doing := "counting " + w.env.Library.Noun(source.Collection)
	return w.look().Scan(ctx, doing, source.Collection, o, func(doc bson.Raw) error {
		w.tally.Add(w.place.Source, source.Read(doc))
		read++
		return nil
	})
}

// keepPlace saves how far the run came, when it last did so some time ago. Nothing found waits to be written meanwhile:
// a run that found something ends its counting.
func (w *work) keepPlace(ctx context.Context) error {
	now := w.env.Elapsed()
	if now-w.kept < keepEvery {
		return nil
	}
	w.place.Collect(w.tally, len(w.collections))
	w.kept, w.saved = now, true
	return w.env.Checkpoints.Save(ctx, key(w.env.Library), w.place)
}
