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

// Done is what Execute did.
type Done struct {
	Counts    report.Counts // as those of Plan
	Conflicts int64         // documents that were written to in the moment of the change, and left alone
	Refused   int64         // documents that the server refused to change
}

// Execute makes the changes in their order, each document in the journal of the run first. A document that no longer
// holds any of what it should lose is left alone; one that holds some of it loses that. Made again after an
// interruption, the plan does what is left of it. On an error, Done is what was done until then.
func (p Plan) Execute(ctx context.Context, w *mongodb.Writer, run string, progress *progress.Progress) (Done, error) {
	return p.executor(w, run).run(ctx, progress)
}

func (p Plan) executor(w *mongodb.Writer, run string) *executor {
	return &executor{plan: p, w: w, journal: stores.NewJournal(w, run), done: Done{Counts: NoCounts(p.Library)}}
}

func (e *executor) run(ctx context.Context, progress *progress.Progress) (Done, error) {
	progress.Start("removing references", int64(len(e.plan.Changes)))
	defer progress.Done()
	for rest := e.plan.Changes; len(rest) > 0 && !(e.wholly && e.done.Refused > 0); {
		n := sameCollection(rest)
		if err := e.batch(ctx, rest[:n]); err != nil {
			return e.done, err
		}
		progress.Add(int64(n))
		rest = rest[n:]
	}
	return e.done, nil
}

// tries is how often a plan is executed where somebody writes to its documents at that moment.
const tries = 3

// Clear is Execute, again where somebody wrote to one of the documents at that moment, before what they refer to is
// deleted. It is false where somebody kept writing, or the server refused to change one of the documents: then the
// target must stay. After a refusal, no further batch is changed. What was done is added to counts.
func (p Plan) Clear(ctx context.Context, w *mongodb.Writer, run string, counts report.Counts) (bool, error) {
	for range tries {
		e := p.executor(w, run)
		e.wholly = true
		done, err := e.run(ctx, nil)
		for key, n := range done.Counts {
			counts[key] += n
		}
		switch {
		case err != nil || done.Refused > 0:
			return false, err
		case done.Conflicts == 0:
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
	plan    Plan
	w       *mongodb.Writer
	journal *stores.Journal
	wholly  bool // nothing more is changed once the server refused a change
	done    Done

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
	byID, ids := bsonvalue.IDMap[Change]{}, make([]bsonvalue.ID, len(changes))
	for i, c := range changes {
		byID.Put(c.Document, c)
		ids[i] = c.Document
	}
	err := e.w.Documents(ctx, e.collection, ids, fields(e.plan.Library, e.collection), func(doc bson.Raw) error {
		c, _ := byID.At(bsonvalue.Reference(doc, "_id"))
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
	e.done.Conflicts, e.done.Refused = e.done.Conflicts+written.Conflicts, e.done.Refused+written.Refused
	if err != nil {
		e.done.Counts[documentKey(e.plan.Library, e.collection, false)] += written.Modified
		return err
	}
	applied, err := e.w.Applied(ctx, e.collection, e.updates, written)
	if err != nil {
		return err
	}
	for i, c := range e.updated {
		if applied[i] {
			e.plan.count(e.done.Counts, c)
		}
	}
	return nil
}

func (e *executor) remove(ctx context.Context) error {
	if len(e.deletions) == 0 {
		return nil
	}
	deleted, conflicts, err := e.journal.Delete(ctx, e.collection, e.deletions)
	e.done.Conflicts += conflicts
	if err != nil {
		e.done.Counts[documentKey(e.plan.Library, e.collection, true)] += deleted
		return err
	}
	left := &bsonvalue.IDSet{}
	if conflicts > 0 {
		if left, err = e.w.Existing(ctx, e.collection, ids(e.deletions)); err != nil {
			return err
		}
	}
	for _, c := range e.deleted {
		if !left.Has(c.Document) {
			e.plan.count(e.done.Counts, c)
		}
	}
	return nil
}

func ids(deletions []mongodb.Deletion) []bsonvalue.ID {
	list := make([]bsonvalue.ID, len(deletions))
	for i, d := range deletions {
		list[i] = d.ID
	}
	return list
}
