package backgroundcountverification

import (
	"context"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
)

// compared is one document that stores something else than was counted, and the entry by which it was counted.
type compared struct {
	recount.Document
	entry entry
}

// confirmed is what the second scan came to as the first did.
func confirmed(all []compared) (same []compared) {
	for _, c := range all {
		if c.entry.agrees() {
			same = append(same, c)
		}
	}
	return same
}

// agrees tells whether both scans came to the same.
func (e entry) agrees() bool {
	for _, c := range e.counters {
		if c.status != ignored && c.sum != c.first {
			return false
		}
	}
	return true
}

// close ends a scan: it compares what was counted with what is stored, and moves on.
func (w *work) close(ctx context.Context) error {
	differing, err := w.compare(ctx)
	if err != nil {
		return err
	}
	var suspects []entry
	w.compared, w.scanEnd = nil, w.place
	if w.place.Second {
		w.compared = differing
		w.unsure += int64(len(differing) - len(confirmed(differing)))
	} else {
		for _, c := range differing {
			suspects = append(suspects, c.entry.suspect())
		}
	}
	w.place, w.complete = w.place.advance(len(suspects) > 0)
	w.entries = suspects
	return nil
}

// compare reads the documents of the entries again. What is not as it was when the slice began is not compared, and
// counted.
func (w *work) compare(ctx context.Context) (differing []compared, err error) {
	left := int64(len(w.entries))
	for kind, c := range w.counters.Collections {
		var found []compared
		err := w.readCollection(ctx, kind, func(id bsonvalue.ID, row scan.Row) error {
			i, ok := w.index[kind].At(id)
			if !ok {
				return nil
			}
			d, same := w.entries[i].compare(c, row)
			if same {
				left--
			}
			if same && d.Differs() {
				found = append(found, compared{d, w.entries[i]})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if found, err = w.exact(ctx, kind, found); err != nil {
			return nil, err
		}
		differing = append(differing, found...)
	}
	w.unsure += left
	return differing, nil
}

// exact keeps the documents whose counts are exact for the application as well.
func (w *work) exact(ctx context.Context, kind int, found []compared) ([]compared, error) {
	folds := func(collection string) (bool, error) { return w.env.DB.Folds(ctx, collection) }
	exact, folded, err := recount.Exact(w.counters, kind, found, folds)
	if warning := folded.Warning(); warning != "" {
		w.warnings = append(w.warnings, warning)
	}
	return exact, err
}

// compare joins what a document stores with what was counted; same tells whether it is as it was when the slice began. The
// length of a list is that of now.
func (e *entry) compare(c recount.Collection, row scan.Row) (d recount.Document, same bool) {
	looks := c.Look(row)
	if digestOf(looks) != e.stored {
		return d, false
	}
	d.ID = e.id
	for i, look := range looks {
		of, counter := c.Counters[i], &e.counters[i]
		switch {
		case counter.status == ignored:
			continue
		case !look.Applies, of.Matching.Name != "" && counter.status != answered:
			return d, false
		case of.Length.Name != "":
			counter.sum = look.Length
		}
		d.Counters = append(d.Counters, recount.Counter{Field: of.Field.Name, Stored: look.Stored, Want: counter.sum})
	}
	return d, true
}
