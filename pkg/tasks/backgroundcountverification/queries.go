package backgroundcountverification

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/recount"
)

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
			w.facts.warnings = append(w.facts.warnings, q.Warning())
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
	first, left := !w.began, w.budget.left()
	if first {
		left = max(left, w.budget.limit/2)
	}
	if left <= 0 {
		return 0, errSpent
	}
	w.began = true
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
