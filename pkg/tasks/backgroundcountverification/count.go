package backgroundcountverification

import (
	"context"
	"errors"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// keepEvery is how much work a killed run loses at most, beside one batch.
const keepEvery = 10 * time.Second

// countSources reads on from where the scan stopped, at least one batch. Of a second scan whose documents have all
// changed since, there is nothing left to count.
func (w *work) countSources(ctx context.Context) error {
	if w.place.Ended || w.place.Second && len(w.entries) == 0 {
		return nil
	}
	for ; w.place.Source < len(w.counters.Sources); w.place.Source++ {
		if err := w.countSource(ctx); err != nil {
			return err
		}
		w.place.After = mongodb.Position{}
	}
	w.collect()
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
		if read = 0; w.budget.spent() {
			w.collect()
			return errSpent
		}
		return w.keepPlace(ctx)
	}
	doing := "counting " + w.env.Library.Noun(source.Collection)
	return w.env.Scan(ctx, doing, source.Collection, o, func(doc bson.Raw) error {
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
	w.collect()
	w.kept, w.saved = now, true
	return w.env.Checkpoints.Save(ctx, key(w.env.Library), w.place.packed(w.entries))
}

// budget is the time that a run may spend, from when the task began.
type budget struct {
	elapsed func() time.Duration
	began   time.Duration
	limit   time.Duration // 0: none
}

// budgetSince is the budget of a run whose task began at a time that env.Elapsed gave.
func budgetSince(env tasks.Env, began time.Duration) budget {
	return budget{elapsed: env.Elapsed, began: began, limit: max(0, env.Options.TimeBudget)}
}

// left is what is not spent yet; it may be negative.
func (b budget) left() time.Duration {
	if b.limit == 0 {
		return math.MaxInt64
	}
	return b.limit - (b.elapsed() - b.began)
}

func (b budget) spent() bool { return b.left() <= 0 }

// countQueries has the server count the stored queries that it has not counted in this scan. What cannot be counted is
// ignored, with a warning.
func (w *work) countQueries(ctx context.Context) error {
	for _, q := range w.tally.Queries() {
		n, err := w.countQuery(ctx, q)
		if err != nil {
			return err
		}
		became := answered
		if w.tally.Answer(q, n); q.Problem != "" {
			became = ignored
			w.warnings = append(w.warnings, q.Warning())
		}
		w.mark(q, became, n)
		if err := w.keepPlace(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mark says what became of a query in the entries that store it.
func (w *work) mark(q *recount.Query, s status, n int64) {
	for _, p := range q.Places {
		if i, ok := w.index[p.Collection].At(p.ID); ok {
			w.entries[i].counters[p.Counter] = counter{s, n, w.entries[i].counters[p.Counter].first}
		}
	}
}

// countQuery asks for one count within what is left of the budget, or finds the query's Problem. The first thing that a
// run does gets half the budget at least, so that a query which runs out of that would do so in every run.
func (w *work) countQuery(ctx context.Context, q *recount.Query) (n int64, err error) {
	if q.Problem != "" {
		return 0, nil
	}
	first, left := !w.counted, w.budget.left()
	if first {
		left = max(left, w.budget.limit/2)
	}
	if left <= 0 {
		return 0, errSpent
	}
	w.counted = true
	timed := ctx
	if w.budget.limit > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	n, err = w.env.DB.Count(timed, q.In, q.Filter)
	tooLong := ctx.Err() == nil && connection.IsTimeout(err)
	var bad *connection.QueryError
	switch {
	case tooLong && !first:
		return 0, errSpent
	case tooLong:
		q.Problem = "its query takes longer than the time budget"
	case errors.As(err, &bad):
		q.Problem = bad.Error()
	default:
		return n, err
	}
	return 0, nil
}
