package mongodb

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
)

// UpdateJournaled is Update for changes that take something away: before each batch is sent, the documents are written to
// the journal as they are and as they are about to be. A document that no longer holds the Old values is left alone and
// counted as Conflicts. A crash between the journal and the write leaves an entry whose undoing is nothing.
func (w *Writer) UpdateJournaled(ctx context.Context, run, collection string, updates []Update) (Written, error) {
	var total Written
	for batch := range slices.Chunk(updates, w.facts.MaxUpdates) {
		due, entries, err := w.imagesOfUpdates(ctx, collection, batch)
		if err != nil {
			return total, err
		}
		total.Conflicts += int64(len(batch) - len(due))
		if len(due) == 0 {
			continue
		}
		if err := w.journal(ctx, run, collection, entries); err != nil {
			return total, err
		}
		done, err := w.Update(ctx, collection, due)
		total = total.plus(done)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// DeleteJournaled is Delete with every document first written to the journal, whole. Conflicts are the documents that were
// gone, or no longer as If says, and were left alone.
func (w *Writer) DeleteJournaled(
	ctx context.Context, run, collection string, deletions []Deletion,
) (deleted, changed int64, err error) {
	for batch := range slices.Chunk(deletions, w.facts.MaxDeletes) {
		due, entries, err := w.imagesOfDeletions(ctx, collection, batch)
		if err != nil {
			return deleted, changed, err
		}
		changed += int64(len(batch) - len(due))
		if len(due) == 0 {
			continue
		}
		if err := w.journal(ctx, run, collection, entries); err != nil {
			return deleted, changed, err
		}
		n, err := w.Delete(ctx, collection, due)
		deleted, changed = deleted+n, changed+int64(len(due))-n
		if err != nil {
			return deleted, changed, err
		}
	}
	return deleted, changed, nil
}

func (w *Writer) imagesOfUpdates(
	ctx context.Context, collection string, batch []Update,
) (due []Update, entries []journal.Entry, err error) {
	for _, u := range batch {
		before, err := w.Document(ctx, collection, u.ID)
		if err != nil {
			return nil, nil, err
		}
		if before == nil || !u.stillDue(before) {
			continue
		}
		after, err := u.applyTo(before)
		if err != nil {
			return nil, nil, fmt.Errorf("foresee an update in %s: %w", collection, err)
		}
		due = append(due, u)
		entries = append(entries, journal.Entry{Before: before, After: after})
	}
	return due, entries, nil
}

func (w *Writer) imagesOfDeletions(
	ctx context.Context, collection string, batch []Deletion,
) (due []Deletion, entries []journal.Entry, err error) {
	for _, x := range batch {
		before, err := w.Document(ctx, collection, x.ID)
		if err != nil {
			return nil, nil, err
		}
		if before == nil || !x.stillDue(before) {
			continue
		}
		due = append(due, x)
		entries = append(entries, journal.Entry{Before: before})
	}
	return due, entries, nil
}

func (u Update) stillDue(doc bson.Raw) bool {
	for _, f := range u.Fields {
		if bsonvalue.Reference(doc, f.Name) != f.Old {
			return false
		}
	}
	return true
}

func (x Deletion) stillDue(doc bson.Raw) bool {
	for name, v := range x.If {
		if bsonvalue.Reference(doc, name) != v {
			return false
		}
	}
	return true
}

// applyTo is doc as the server will store it: a field that is there keeps its place, a new one goes to the end.
func (u Update) applyTo(doc bson.Raw) (bson.Raw, error) {
	elements, err := doc.Elements()
	if err != nil {
		return nil, err
	}
	var after bson.D
	for _, e := range elements {
		after = append(after, bson.E{Key: e.Key(), Value: e.Value()})
	}
	for _, f := range u.Fields {
		at := slices.IndexFunc(after, func(e bson.E) bool { return e.Key == f.Name })
		if at < 0 {
			after = append(after, bson.E{Key: f.Name, Value: f.New})
			continue
		}
		after[at].Value = f.New
	}
	return bson.Marshal(after)
}
