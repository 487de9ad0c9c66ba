package backgroundcountverification

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/recount"
)

// countQueries has the server count the stored queries that it has not counted in this scan. What cannot be counted is
// left alone, with a warning.
func (w *work) countQueries(ctx context.Context) error {
	for _, q := range w.tally.Queries() {
		if n, asked := w.place.Answers[q.Key]; asked {
			w.tally.Answer(q, n)
			continue
		}
		n, err := w.countQuery(ctx, q)
		if err != nil {
			return err
		}
		if q.Problem != "" {
			n, w.warnings = recount.Uncounted, append(w.warnings, q.Warning())
		}
		w.tally.Answer(q, n)
		if w.place.Answers == nil {
			w.place.Answers = map[string]int64{}
		}
		w.place.Answers[q.Key] = n
		if err := w.keepPlace(ctx); err != nil {
			return err
		}
	}
	return nil
}

// countQuery asks for one count within what is left of the budget, or finds the query's Problem. The first thing that a
// run does gets half the budget at least, so that a query which runs out of that would do so in every run.
func (w *work) countQuery(ctx context.Context, q *recount.Query) (n int64, err error) {
	if q.Problem != "" {
		return 0, nil
	}
	first, left, limit := !w.counted, w.left(), w.env.Options.TimeBudget
	if first {
		left = max(left, limit/2)
	}
	if left <= 0 {
		return 0, errSpent
	}
	w.counted = true
	timed := ctx
	if limit > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	n, err = w.look().DB.Count(timed, q.In, q.Filter)
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
