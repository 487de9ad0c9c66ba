package references

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/report"
)

// A batch is at most so many documents, and is sent when the fields that were read come to so many bytes.
const (
	batchDocuments = 100
	batchBytes     = 4 << 20
)

// Execute makes the changes in their order, each document in the journal of the run first. A document that no longer
// holds any of what it should lose is left alone; one that holds some of it loses that. Made again after an
// interruption, the plan does what is left of it. What was done is added to counts, also on an error. Conflicts are the
// documents that were written to in the moment of the change, and left alone.
func (p Plan) Execute(
	ctx context.Context, w *mongodb.Writer, run string, progress *progress.Progress, counts report.Counts,
) (conflicts int64, err error) {
	e := &executor{plan: p, w: w, journal: stores.NewJournal(w, run), counts: counts}
	err = e.run(ctx, progress)
	return e.conflicts, err
}

func (e *executor) run(ctx context.Context, progress *progress.Progress) error {
	progress.Start("removing references", int64(len(e.plan.Changes)))
	defer progress.Done()
	for rest := e.plan.Changes; len(rest) > 0 && !(e.wholly && e.refused > 0); {
		n := sameCollection(rest)
		if err := e.batch(ctx, rest[:n]); err != nil {
			return err
		}
		progress.Add(int64(n))
		rest = rest[n:]
	}
	return nil
}

// tries is how often a plan is executed where somebody writes to its documents at that moment.
const tries = 3

// Clear is Execute, again where somebody wrote to one of the documents at that moment, before what they refer to is
// deleted. It is false where somebody kept writing, or the server refused to change one of the documents: then the
// target must stay. After a refusal, no further batch is changed. What was done is added to counts.
func (p Plan) Clear(ctx context.Context, w *mongodb.Writer, run string, counts report.Counts) (bool, error) {
	for range tries {
		e := &executor{plan: p, w: w, journal: stores.NewJournal(w, run), counts: counts, wholly: true}
		switch err := e.run(ctx, nil); {
		case err != nil || e.refused > 0:
			return false, err
		case e.conflicts == 0:
			return true, nil
		}
	}
	return false, nil
}

// sameCollection is how many of the first changes make one batch.
func sameCollection(changes []Change) int {
	n := slices.IndexFunc(changes, func(c Change) bool { return c.Collection != changes[0].Collection })
	if n < 0 {
		n = len(changes)
	}
	return min(n, batchDocuments)
}

type executor struct {
	plan      Plan
	w         *mongodb.Writer
	journal   *stores.Journal
	wholly    bool // nothing more is changed once the server refused a change
	counts    report.Counts
	conflicts int64 // documents that were written to in the moment of the change
	refused   int64 // documents that the server refused to change

	// of the batch
	collection       string
	bytes            int
	updated, deleted []Change
	updates          []mongodb.Update
	deletions        []mongodb.Deletion
}

// batch makes changes of documents of one collection, as these are now.
func (e *executor) batch(ctx context.Context, changes []Change) error {
	e.collection = changes[0].Collection
	needed := fields(e.plan.Library, e.collection)
	err := mongodb.Reread(ctx, e.w.Reader, e.collection, changes, needed, func(c Change, doc bson.Raw) error {
		e.add(c.still(e.plan.Library, doc), slices.Clone(doc)) // what is written is made of it, after this call
		if e.bytes < batchBytes {
			return nil
		}
		return e.flush(ctx)
	})
	if err != nil {
		return err
	}
	return e.flush(ctx)
}

func (e *executor) add(c Change, doc bson.Raw) {
	switch {
	case len(c.Lost) == 0:
		return
	case c.Deleted:
		e.deleted = append(e.deleted, c)
		e.deletions = append(e.deletions, c.deletion(e.plan.Library, doc))
	default:
		e.updated = append(e.updated, c)
		e.updates = append(e.updates, c.update(e.plan.Library, doc))
	}
	e.bytes += len(doc)
}

// flush writes what was added.
func (e *executor) flush(ctx context.Context) error {
	if err := e.shorten(ctx); err != nil {
		return err
	}
	if err := e.remove(ctx); err != nil {
		return err
	}
	e.bytes, e.updated, e.deleted, e.updates, e.deletions = 0, nil, nil, nil, nil
	return nil
}

func (e *executor) shorten(ctx context.Context) error {
	if len(e.updates) == 0 {
		return nil
	}
	written, err := e.journal.Update(ctx, e.collection, e.updates)
	e.conflicts, e.refused = e.conflicts+written.Conflicts, e.refused+written.Refused
	if err != nil {
		e.counts[documentKey(e.plan.Library, e.collection, false)] += written.Modified
		return err
	}
	applied, err := e.w.Applied(ctx, e.collection, e.updates, written)
	if err != nil {
		return err
	}
	for i, c := range e.updated {
		if applied[i] {
			e.plan.count(e.counts, c)
		}
	}
	return nil
}

func (e *executor) remove(ctx context.Context) error {
	if len(e.deletions) == 0 {
		return nil
	}
	deleted, conflicts, err := e.journal.Delete(ctx, e.collection, e.deletions)
	e.conflicts += conflicts
	if err != nil {
		e.counts[documentKey(e.plan.Library, e.collection, true)] += deleted
		return err
	}
	left := &bsonvalue.IDSet{}
	if conflicts > 0 {
		if left, err = e.w.Existing(ctx, e.collection, mongodb.Targets(e.deletions)); err != nil {
			return err
		}
	}
	for _, c := range e.deleted {
		if !left.Has(c.Document) {
			e.plan.count(e.counts, c)
		}
	}
	return nil
}
