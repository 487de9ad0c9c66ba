package backgroundcountverification

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

var errTooLarge = errors.New("the slice does not fit into a checkpoint")

// open chooses the entries where that was not done, and prepares to count for them. Where the slice is too large a new round
// begins, with twice as many.
func (w *work) open(ctx context.Context) error {
	if !w.at.Begun {
		if err := w.choose(ctx); err != nil {
			return err
		}
	}
	w.tally, w.index = w.counters.NewTally(), make([]mongodb.IDMap[int], len(w.counters.Collections))
	for i, e := range w.entries {
		w.index[e.kind].Put(e.id, i)
		w.tally.Expect(e.kind, e.id)
		for j, c := range e.counters {
			w.tally.Set(recount.Place{Collection: e.kind, Counter: j, ID: e.id}, c.sum)
		}
	}
	return w.nest(ctx)
}

func (w *work) choose(ctx context.Context) error {
	for {
		err := w.tryToChoose(ctx)
		if !errors.Is(err, errTooLarge) {
			w.at.Begun = err == nil
			return err
		}
		w.at = state{Slices: 2 * w.at.Slices}
	}
}

func (w *work) tryToChoose(ctx context.Context) error {
	weight := 0
	w.entries = nil
	for kind, c := range w.counters.Collections {
		err := w.readCollection(ctx, kind, func(id mongodb.ID, doc bson.Raw) error {
			if slice(id, w.at.Slices) != w.at.Slice {
				return nil
			}
			e := newEntry(kind, id, c.Look(doc))
			w.entries = append(w.entries, e)
			if weight += len(e.pack(nil, false)) + 8; weight > w.sliceLimit() { // 8 more than the zeros of now, for sums
				return errTooLarge
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) sliceLimit() int {
	if w.at.Slice == 0 {
		return w.limits.slice
	}
	return 2 * w.limits.slice
}

// nest reads what lies in what, where a counter takes in what lies below.
func (w *work) nest(ctx context.Context) error {
	for kind, c := range w.counters.Collections {
		if w.at.Ended || !c.Nests() {
			continue
		}
		err := w.readCollection(ctx, kind, func(id mongodb.ID, doc bson.Raw) error {
			w.tally.Nest(kind, id, doc)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
