package backgroundcountverification

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
)

var errTooLarge = errors.New("the slice does not fit into a checkpoint")

// open chooses the entries of a slice, or leaves those alone that changed since, and prepares to count for them. Where
// the slice is too large a new round begins, with twice as many.
func (w *work) open(ctx context.Context) error {
	for {
		err := w.tryToOpen(ctx)
		if !errors.Is(err, errTooLarge) {
			return err
		}
		w.place, w.entries = state{Slices: 2 * w.place.Slices}, nil
	}
}

func (w *work) tryToOpen(ctx context.Context) error {
	w.tally = w.counters.NewTally()
	w.indexEntries()
	before, weight := len(w.entries), 0
	var entries []entry
	for kind, c := range w.counters.Collections {
		err := w.readCollection(ctx, kind, func(id bsonvalue.ID, row scan.Row) error {
			if c.Nests() {
				w.tally.Nest(kind, id, row)
			}
			e, ok := w.entryOf(kind, id, row)
			if !ok {
				return nil
			}
			if entries = append(entries, e); e.waits(c) {
				w.tally.Meet(kind, id, row)
			}
			weight += len(e.pack(nil)) + 8 // 8 more than the zeros of now, for sums
			if !w.place.Begun && weight > w.sliceLimit() {
				return errTooLarge
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if w.place.Begun {
		w.unsure += int64(before - len(entries))
	}
	w.entries, w.place.Begun = entries, true
	w.expect()
	return nil
}

// entryOf is the entry of a document, if it has one: a new one while the entries are chosen, else the one that there
// is, unless the document's counters changed since.
func (w *work) entryOf(kind int, id bsonvalue.ID, row scan.Row) (entry, bool) {
	c := w.counters.Collections[kind]
	if !w.place.Begun {
		if slice(id, w.place.Slices) != w.place.Slice {
			return entry{}, false
		}
		return newEntry(kind, id, c.Look(row)), true
	}
	i, ok := w.index[kind].At(id)
	if !ok || w.entries[i].stored != digestOf(c.Look(row)) {
		return entry{}, false
	}
	return w.entries[i], true
}

func (w *work) indexEntries() {
	w.index = make([]bsonvalue.IDMap[int], len(w.counters.Collections))
	for i, e := range w.entries {
		w.index[e.kind].Put(e.id, i)
	}
}

// expect has the tally go on from the sums of the entries.
func (w *work) expect() {
	w.indexEntries()
	for _, e := range w.entries {
		w.tally.Expect(e.kind, e.id)
		for i, c := range e.counters {
			w.tally.Set(recount.Place{Collection: e.kind, Counter: i, ID: e.id}, c.sum)
		}
	}
}

func (w *work) sliceLimit() int {
	if w.place.Slice == 0 {
		return w.limits.slice
	}
	return 2 * w.limits.slice
}
