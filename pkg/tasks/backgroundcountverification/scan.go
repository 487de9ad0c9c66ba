package backgroundcountverification

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// scan begins or continues one scan; it returns errSpent where it did not come to the end.
func (w *work) scan(ctx context.Context) error {
	return tasks.InOrder(ctx, w.open, w.countSources, w.countQueries, w.reopen, w.countQueries, w.close)
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
		w.place = state{Slices: 2 * w.place.Slices}
	}
}

func (w *work) tryToOpen(ctx context.Context) error {
	was, weight := w.index(), 0
	var chosen entries
	w.tally = w.counters.NewTally()
	for kind, c := range w.counters.Collections {
		err := w.look().DB.Scan(ctx, c.Name, mongodb.ScanOptions{Fields: c.Names()}, func(doc bson.Raw) error {
			row := c.Read(doc)
			id := bsonvalue.Of(row[scan.ID])
			if c.Nests() {
				w.tally.Nest(kind, id, row)
			}
			e, ok := w.entryOf(kind, id, row, was[kind])
			if !ok {
				return nil
			}
			w.tally.Meet(kind, id, row)
			w.tally.Continue(kind, id, e.Sums)
			chosen = append(chosen, e)
			if weight += e.weight(len(c.Counters)); !w.place.Begun && weight > w.sliceLimit() {
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

// index is the place of each entry, by collection.
func (w *work) index() []bsonvalue.IDMap[int] {
	index := make([]bsonvalue.IDMap[int], len(w.counters.Collections))
	for i, e := range w.place.Entries {
		index[e.Kind].Put(bsonvalue.Of(e.ID), i)
	}
	return index
}

// entryOf is the entry of a document, if it has one: a new one while the entries are chosen, else the one that there
// is, unless the document's counters changed since.
func (w *work) entryOf(kind int, id bsonvalue.ID, row scan.Row, was bsonvalue.IDMap[int]) (entry, bool) {
	stored := digestOf(w.counters.Collections[kind].Look(row))
	if !w.place.Begun {
		return entry{Kind: kind, ID: id.Raw(), Stored: stored}, slice(id, w.place.Slices) == w.place.Slice
	}
	i, ok := was.At(id)
	if !ok || w.place.Entries[i].Stored != stored {
		return entry{}, false
	}
	return w.place.Entries[i], true
}

func (w *work) sliceLimit() int {
	if w.place.Slice == 0 {
		return w.limits.slice
	}
	return w.limits.slice * 3 / 2
}

// collect takes the sums of the tally over into the entries.
func (w *work) collect() {
	totals := make([]recount.Totals, len(w.counters.Collections))
	for kind := range totals {
		totals[kind] = w.tally.Totals(kind)
	}
	for i, e := range w.place.Entries {
		w.place.Entries[i].Sums = totals[e.Kind].Sums(bsonvalue.Of(e.ID))
	}
}

// reopen reads once more, when all is counted, what the documents store: those are left alone that changed meanwhile.
func (w *work) reopen(ctx context.Context) error {
	w.collect()
	return w.open(ctx)
}

// close ends a scan: it compares what was counted with what is stored, and moves on.
func (w *work) close(ctx context.Context) error {
	var suspects entries
	zeroed := recount.Zeroed{}
	w.drifted, w.scanEnd = make([][]drifted, len(w.counters.Collections)), w.place
	for kind, of := range w.index() {
		differing, err := w.exact(ctx, kind, zeroed)
		if err != nil {
			return err
		}
		for _, d := range differing {
			i, _ := of.At(d.ID)
			switch e := w.place.Entries[i]; {
			case !w.place.Second:
				suspects = append(suspects, entry{Kind: kind, ID: e.ID, Stored: e.Stored, First: wanted(d)})
			case slices.Equal(e.First, wanted(d)):
				w.drifted[kind], w.found = append(w.drifted[kind], drifted{d, e}), w.found+1
			default:
				w.unsure++
			}
		}
	}
	w.place, w.complete = w.place.advance(suspects)
	warnings, err := zeroed.Warnings(ctx, w.env.DB.IsEmpty)
	w.warnings = append(w.warnings, warnings...)
	return err
}

// exact are the documents that differ, and whose counts are exact for the application as well. Those that a second scan
// is about are added to zeroed.
func (w *work) exact(ctx context.Context, kind int, zeroed recount.Zeroed) ([]recount.Document, error) {
	totals := w.tally.Totals(kind)
	if w.place.Second {
		zeroed.Add(totals.Zeroed())
	} else {
		w.warnings = append(w.warnings, totals.Saturated()...)
	}
	exact, warnings, err := w.counters.Exact(ctx, kind, totals.Differing(), w.env.DB.Folds)
	w.warnings = append(w.warnings, warnings...)
	return exact, err
}

// drifted is one document that stores something else than both scans came to, and the entry by which it was counted.
type drifted struct {
	recount.Document
	entry entry
}

// wanted is what the counters of a document should be.
func wanted(d recount.Document) (want []int64) {
	for _, c := range d.Counters {
		want = append(want, c.Want)
	}
	return want
}
