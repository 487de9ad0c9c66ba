package backgroundcountverification

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

// close ends a scan: it compares what was counted with what is stored, and moves on to the second scan of what differs, or to
// the next slice.
func (w *work) close(ctx context.Context) error {
	stored, folders, err := w.readStored(ctx)
	if err != nil {
		return err
	}
	var suspects []entry
	for i, e := range w.entries {
		if stored[i] == nil {
			w.facts.unsure++
			continue
		}
		want := e.want(folders)
		d := recount.NewDocument(e.id, stored[i], want[:e.counters()]...)
		switch {
		case !d.Differs():
		case !w.at.Second:
			suspects = append(suspects, entry{kind: e.kind, smart: e.smart, id: e.id, stored: e.stored, first: want})
		case want == e.first:
			w.facts.changes[e.kind] = append(w.facts.changes[e.kind], change{d, e})
		default:
			w.facts.unsure++
		}
	}
	w.facts.ended = w.at
	w.next(suspects)
	return nil
}

func (w *work) next(suspects []entry) {
	w.entries = suspects
	if len(suspects) > 0 {
		w.at = state{Slices: w.at.Slices, Slice: w.at.Slice, Begun: true, Second: true}
		return
	}
	w.at = state{Slices: w.at.Slices, Slice: w.at.Slice + 1}
	if w.at.Slice == w.at.Slices {
		w.at, w.facts.complete = start(), true
	}
}

// readStored is the counters of each entry as they are, nil where they are not what they were when the slice began, and how
// many directories each directory holds.
func (w *work) readStored(ctx context.Context) (stored [][]mongodb.Value, folders *recount.Tree, err error) {
	stored, folders = make([][]mongodb.Value, len(w.entries)), &recount.Tree{}
	w.indexEntries()
	err = w.look(ctx, func(kind byte, id mongodb.ID, doc bson.Raw) error {
		if kind == directories {
			folders.Add(id, mongodb.Reference(doc, w.env.Model.Directories.Parent))
		}
		i, ok := w.index[kind].At(id)
		if !ok {
			return nil
		}
		e, values := w.entries[i], w.facts.kinds[kind].Stored(doc)
		if digest(values...) == e.stored && e.smart == w.isSmart(kind, doc) && e.counted == e.smart {
			stored[i] = values
		}
		return nil
	})
	folders.Fold()
	return stored, folders, err
}

// want is what the counters should be, in the order of their fields.
func (e entry) want(folders *recount.Tree) [3]int64 {
	want := e.sum
	if e.kind == directories {
		sums, _ := folders.At(e.id)
		want[0] += sums.Directories
	}
	return want
}
