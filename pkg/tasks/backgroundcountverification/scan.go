package backgroundcountverification

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
)

// scan is what this run's part of a scan needs beside the entries.
type scan struct {
	tally   *recount.Tally
	members map[int][]mongodb.ID // of each entry that is a manual album
	queries map[int]bson.Raw     // of each that is a smart one; nil: its query is no document
}

// keepEvery is how much work a killed run loses at most, beside one page.
const keepEvery = 10 * time.Second

var (
	errSpent    = errors.New("the time budget is spent")
	errTooLarge = errors.New("the slice does not fit into a checkpoint")
)

// open chooses the entries where that was not done, and prepares to count what belongs to them. Where the slice is too large a
// new round begins, with twice as many.
func (w *work) open(ctx context.Context) error {
	for {
		err := w.tryOpen(ctx)
		if !errors.Is(err, errTooLarge) {
			return err
		}
		w.at = state{Slices: 2 * w.at.Slices}
	}
}

func (w *work) tryOpen(ctx context.Context) error {
	choosing, weight := !w.at.Begun, 0
	if choosing {
		w.entries = nil
	}
	w.indexEntries()
	w.scan = scan{tally: recount.NewTally(w.env.Model), members: map[int][]mongodb.ID{}, queries: map[int]bson.Raw{}}
	err := w.look(ctx, func(kind byte, id mongodb.ID, doc bson.Raw) error {
		if kind == directories {
			w.scan.tally.Directories.Add(id, mongodb.Reference(doc, w.env.Model.Directories.Parent))
		}
		if choosing && slice(id, w.at.Slices) == w.at.Slice {
			e := entry{kind: kind, smart: w.isSmart(kind, doc), id: id, stored: digest(w.facts.kinds[kind].Stored(doc)...)}
			w.index[kind].Put(id, len(w.entries))
			w.entries = append(w.entries, e)
			if weight += len(e.pack(nil, false)) + 8; weight > w.sliceLimit() { // 8 more than the zeros of now, for sums
				return errTooLarge
			}
		}
		if i, ok := w.index[kind].At(id); ok {
			w.expect(i, doc)
		}
		return nil
	})
	w.at.Begun = err == nil
	return err
}

func (w *work) indexEntries() {
	w.index = [3]mongodb.IDMap[int]{}
	for i, e := range w.entries {
		w.index[e.kind].Put(e.id, i)
	}
}

func (w *work) sliceLimit() int {
	if w.at.Slice == 0 {
		return w.limits.slice
	}
	return 2 * w.limits.slice
}

// expect prepares to count what belongs to an entry.
func (w *work) expect(i int, doc bson.Raw) {
	e, m := w.entries[i], w.env.Model.Albums
	switch {
	case e.kind == tags:
		w.scan.tally.AddTag(e.id)
	case e.smart:
		query, _ := doc.Lookup(m.Query).DocumentOK()
		w.scan.queries[i] = slices.Clone(query)
	case e.kind == albums:
		w.scan.members[i] = slices.Collect(mongodb.References(doc, m.Files))
		w.scan.tally.AddMembers(w.scan.members[i])
	}
}

// countFiles reads on from where the scan stopped, at least one page, and adds what it counted to the entries.
func (w *work) countFiles(ctx context.Context) (ended bool, err error) {
	m, tally := w.env.Model, w.scan.tally
	w.env.Progress.Start("counting files", w.env.DB.Estimate(ctx, m.Files.Collection)-w.at.Scanned)
	defer w.env.Progress.Done()
	o := mongodb.ScanOptions{Fields: recount.FileFields(m), Paged: true, PageSize: w.limits.page, After: w.at.After}
	o.Visited = func(p mongodb.Position) error {
		w.at.After, w.began = p, true
		if w.facts.budget.spent() {
			return errSpent
		}
		return w.keepPlace(ctx)
	}
	err = w.env.DB.Scan(ctx, m.Files.Collection, o, func(doc bson.Raw) error {
		tally.AddFile(doc)
		w.env.Progress.Add(1)
		return nil
	})
	if err != nil && !errors.Is(err, errSpent) {
		return false, err
	}
	w.addUp()
	if w.at.Ended = err == nil; w.at.Ended {
		return true, w.keepPlace(ctx)
	}
	return false, nil
}

// keepPlace saves how far the run came, when it last did so some time ago. Nothing found waits to be written meanwhile: a run
// that found something ends its counting.
func (w *work) keepPlace(ctx context.Context) error {
	now := w.env.Elapsed()
	if now-w.kept < keepEvery {
		return nil
	}
	w.addUp()
	w.kept, w.facts.saved = now, true
	return w.env.Checkpoints.Save(ctx, key(w.env.Model), w.at.packed(w.entries))
}

// addUp adds what the tally counted to the entries, and empties the tally.
func (w *work) addUp() {
	tally := w.scan.tally
	w.at.Scanned += tally.Files
	w.facts.files += tally.Files
	tally.Directories.Fold()
	for i := range w.entries {
		e := &w.entries[i]
		switch {
		case e.kind == tags:
			e.sum[0] += tally.Tag(e.id)
		case e.kind == directories:
			s, _ := tally.Directories.At(e.id)
			e.sum[0], e.sum[1], e.sum[2] = e.sum[0]+s.Here, e.sum[1]+s.Files, e.sum[2]+s.Bytes
		case !e.smart:
			e.sum[0] += tally.Album(w.scan.members[i])
		}
	}
	tally.Reset()
}
