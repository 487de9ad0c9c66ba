package backgroundcountverification

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// countSmartAlbums has the server count the smart albums that it has not counted in this scan, and tells whether it came to the
// last. What cannot be counted leaves the slice, with a warning.
func (w *work) countSmartAlbums(ctx context.Context) (ended bool, err error) {
	var kept []entry
	for i, e := range w.entries {
		query, exists := w.scan.queries[i]
		if !e.smart || e.counted || !exists {
			kept = append(kept, e)
			continue
		}
		n, err := w.countSmart(ctx, query)
		var cannot *uncountable
		switch {
		case errors.Is(err, errSpent):
			w.entries = append(kept, w.entries[i:]...)
			return false, nil
		case errors.As(err, &cannot):
			w.facts.warnings = append(w.facts.warnings, fmt.Sprintf("smart album %s was left alone: %s", e.id, cannot.why))
		case err != nil:
			return false, err
		default:
			e.sum[0], e.counted = n, true
			kept = append(kept, e)
			w.entries[i] = e
			if err := w.keepPlace(ctx); err != nil {
				return false, err
			}
		}
	}
	w.entries = kept
	return true, nil
}

// uncountable says why a smart album cannot be counted.
type uncountable struct{ why string }

func (e *uncountable) Error() string { return e.why }

// countSmart asks for one count within what is left of the budget. The first thing that a run does gets half the budget at
// least, so that a query which runs out of that would do so in every run.
func (w *work) countSmart(ctx context.Context, query bson.Raw) (int64, error) {
	if query == nil {
		return 0, &uncountable{"its query is not a document"}
	}
	first, left := !w.began, w.facts.budget.left()
	if first {
		left = max(left, w.facts.budget.limit/2)
	}
	if left <= 0 {
		return 0, errSpent
	}
	w.began = true
	timed := ctx
	if w.facts.budget.limit > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	n, err := w.env.DB.Count(timed, w.env.Model.Files.Collection, query)
	var bad *mongodb.QueryError
	switch {
	case err == nil:
		return n, nil
	case ctx.Err() == nil && mongodb.IsTimeout(err) && first:
		return 0, &uncountable{"its query takes longer than the time budget"}
	case ctx.Err() == nil && mongodb.IsTimeout(err):
		return 0, errSpent
	case errors.As(err, &bad):
		return 0, &uncountable{bad.Error()}
	}
	return 0, err
}
