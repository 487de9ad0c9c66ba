package backgroundcountverification

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

// countQueries has the server count the stored queries that it has not counted in this scan. What cannot be counted is
// ignored, with a warning.
func (w *work) countQueries(ctx context.Context) error {
	if err := w.readQueries(ctx); err != nil {
		return err
	}
	for _, q := range w.tally.Queries() {
		n, problem, err := w.countQuery(ctx, q)
		switch {
		case err != nil:
			return err
		case problem != "":
			w.facts.warnings = append(w.facts.warnings, q.Warning(problem))
			w.mark(q, ignored, 0)
			continue
		}
		w.tally.Answer(q, n)
		w.mark(q, answered, n)
		if err := w.keepPlace(ctx); err != nil {
			return err
		}
	}
	return nil
}

// readQueries has the tally meet the entries with a query that waits for an answer.
func (w *work) readQueries(ctx context.Context) error {
	for kind, c := range w.counters.Collections {
		if !w.waits(kind) {
			continue
		}
		err := w.readCollection(ctx, kind, func(id mongodb.ID, doc bson.Raw) error {
			if i, ok := w.index[kind].At(id); ok && w.entries[i].waits(c) {
				w.tally.Meet(kind, id, doc)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// waits tells whether an entry of a collection waits for an answer.
func (w *work) waits(kind int) bool {
	for _, e := range w.entries {
		if e.kind == kind && e.waits(w.counters.Collections[kind]) {
			return true
		}
	}
	return false
}

func (e entry) waits(c recount.Collection) bool {
	for i, counter := range c.Counters {
		if counter.Matching.Name != "" && e.counters[i].status == counted {
			return true
		}
	}
	return false
}

// mark says what became of a query in the entries that store it.
func (w *work) mark(q *recount.Query, s status, n int64) {
	for _, p := range q.Places {
		if i, ok := w.index[p.Collection].At(p.ID); ok {
			w.entries[i].counters[p.Counter] = counter{s, n, w.entries[i].counters[p.Counter].first}
		}
	}
}

// countQuery asks for one count within what is left of the budget, and says why there is none. The first thing that a
// run does gets half the budget at least, so that a query which runs out of that would do so in every run.
func (w *work) countQuery(ctx context.Context, q *recount.Query) (n int64, problem string, err error) {
	if q.Problem != "" {
		return 0, q.Problem, nil
	}
	first, left := !w.began, w.budget.left()
	if first {
		left = max(left, w.budget.limit/2)
	}
	if left <= 0 {
		return 0, "", errSpent
	}
	w.began = true
	timed := ctx
	if w.budget.limit > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	n, err = w.env.DB.Count(timed, q.In, q.Filter)
	var bad *mongodb.QueryError
	switch {
	case err == nil:
		return n, "", nil
	case ctx.Err() == nil && mongodb.IsTimeout(err) && first:
		return 0, "its query takes longer than the time budget", nil
	case ctx.Err() == nil && mongodb.IsTimeout(err):
		return 0, "", errSpent
	case errors.As(err, &bad):
		return 0, bad.Error(), nil
	}
	return 0, "", err
}
