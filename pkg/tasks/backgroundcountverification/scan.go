package backgroundcountverification

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/recount/round"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// readScan begins or continues one scan; it returns errSpent where it did not come to the end. What a scan found that
// has ended is the plan's to say; gather asks as well, since a first scan is followed by a second one, and drift by
// none.
func (w *work) readScan(ctx context.Context) (drift bool, err error) {
	if err := tasks.InOrder(ctx, w.open, w.countSources, w.countQueries, w.reopen, w.countQueries); err != nil {
		return false, err
	}
	ended, zeroed := round.Scan{Place: w.place}, recount.Zeroed{}
	for kind := range w.collections {
		wrong, warnings, err := w.tally.Wrong(ctx, kind, w.env.DB.Folds)
		if err != nil {
			return false, err
		}
		ended.Wrong = append(ended.Wrong, wrong)
		if !w.place.Second { // else they were said
			w.warnings = append(w.warnings, warnings...)
		} else if len(wrong) > 0 {
			zeroed.Add(w.tally.Totals(kind).Zeroed())
		}
	}
	empty, err := zeroed.Warnings(ctx, w.env.DB.IsEmpty)
	if err != nil {
		return false, err
	}
	w.warnings = append(w.warnings, empty...)
	found := ended.Conclude()
	if w.place, w.complete = found.Next, found.Complete; found.Found > 0 {
		w.scan = ended
		return true, nil
	}
	w.unsure += found.Unsure
	return false, nil
}

var errTooLarge = errors.New("the slice does not fit into a checkpoint")

// open chooses the entries of a slice, or leaves those alone that changed since, and prepares to count for them. Where
// the slice is too large a new round begins, with twice as many.
func (w *work) open(ctx context.Context) error {
	for {
		err := w.tryToOpen(ctx)
		if !errors.Is(err, errTooLarge) {
			return err
		}
		w.place = round.Start(2 * w.place.Slices)
	}
}

func (w *work) tryToOpen(ctx context.Context) error {
	index, weight := w.place.Index(len(w.collections)), 0
	var chosen round.Entries
	w.tally = w.counters.NewTally()
	for kind, c := range w.collections {
		err := w.look().DB.Scan(ctx, c.Name, mongodb.ScanOptions{Fields: c.Names()}, func(doc bson.Raw) error {
			row := c.Read(doc)
			id := bsonvalue.Of(row[scan.ID])
			if c.Nests() {
				w.tally.Nest(kind, id, row)
			}
			e, ok := w.place.EntryOf(kind, id, c.Look(row), index)
			if !ok {
				return nil
			}
			w.tally.Meet(kind, id, row)
			w.tally.Continue(kind, id, e.Sums)
			chosen = append(chosen, e)
			if weight += e.Weight(len(c.Counters)); !w.place.Begun && weight > w.sliceLimit() {
				return errTooLarge
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if w.place.Begun {
		w.unsure += int64(len(w.place.Entries) - len(chosen))
	}
	w.place.Entries, w.place.Begun = chosen, true
	return nil
}

func (w *work) sliceLimit() int {
	if w.place.Slice == 0 {
		return w.limits.slice
	}
	return w.limits.slice * 3 / 2
}

// reopen reads once more, when all is counted, what the documents store: those are left alone that changed meanwhile.
func (w *work) reopen(ctx context.Context) error {
	w.place.Collect(w.tally, len(w.collections))
	return w.open(ctx)
}
