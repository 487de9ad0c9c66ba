package recount

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Folds tells whether a collection finds texts equal that differ, as mongodb.Reader does.
type Folds func(ctx context.Context, collection string) (bool, error)

// foldedIn is the first collection that folds and whose documents are counted for a document of a collection with
// counters; empty: there is none.
func (c Counters) foldedIn(ctx context.Context, target int, id bsonvalue.ID, folds Folds) (string, error) {
	if !id.Collates() {
		return "", nil
	}
	for _, s := range c.Sources {
		if !slices.ContainsFunc(s.references, func(r reference) bool { return r.target == target }) {
			continue
		}
		if does, err := folds(ctx, s.Collection); err != nil || does {
			return s.Collection, err
		}
	}
	return "", nil
}

// Wrong are the documents of a collection that store something else than was counted, where the count is exact for the
// application as well. Others are left alone, with a warning: their ids are texts, and a collection that refers to them
// finds texts equal that differ. There the application's own query counts more than this package, which compares ids
// exactly. The warnings also name the sums that no counter can hold.
func (t *Tally) Wrong(ctx context.Context, target int, folds Folds) (wrong []Document, warnings []string, err error) {
	totals := t.Totals(target)
	folding, left := "", 0
	for _, d := range totals.Differing() {
		in, err := t.counters.foldedIn(ctx, target, d.ID, folds)
		if err != nil {
			return nil, nil, err
		}
		if in == "" {
			wrong = append(wrong, d)
			continue
		}
		folding = in
		left++
	}
	warnings = totals.saturated()
	if left > 0 {
		warnings = append(warnings, fmt.Sprintf("the counters of %d documents of %s were left alone: their _id is a text, "+
			"and %s has a default collation that finds different texts equal, such as \"a\" and \"A\"",
			left, t.counters.Collections[target].Name, folding))
	}
	return wrong, warnings, nil
}
