package stores

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Update is Writer.Update for changes that take something away: before each batch is sent, the documents are written to
// the journal as they are and as they are about to be. A document that no longer holds the Old values is left alone and
// counted as Conflicts. A crash between the journal and the write leaves an entry whose undoing is nothing.
func (j *Journal) Update(
	ctx context.Context, collection string, updates []mongodb.Update,
) (mongodb.Written, error) {
	var total mongodb.Written
	for batch := range slices.Chunk(updates, j.w.Facts().MaxUpdates) {
		due, entries, err := j.imagesOfUpdates(ctx, collection, batch)
		if err != nil {
			return total, err
		}
		total.Conflicts += int64(len(batch) - len(due))
		if len(due) == 0 {
			continue
		}
		if err := j.record(ctx, collection, entries); err != nil {
			return total, err
		}
		done, err := j.w.Update(ctx, collection, due)
		total = total.Plus(done)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Delete is Writer.Delete with every document first written to the journal, whole. Conflicts are the documents that were
// gone, or no longer as If says, and were left alone.
func (j *Journal) Delete(
	ctx context.Context, collection string, deletions []mongodb.Deletion,
) (deleted, changed int64, err error) {
	for batch := range slices.Chunk(deletions, j.w.Facts().MaxDeletes) {
		due, entries, err := j.imagesOfDeletions(ctx, collection, batch)
		if err != nil {
			return deleted, changed, err
		}
		changed += int64(len(batch) - len(due))
		if len(due) == 0 {
			continue
		}
		if err := j.record(ctx, collection, entries); err != nil {
			return deleted, changed, err
		}
		n, err := j.w.Delete(ctx, collection, due)
		deleted, changed = deleted+n, changed+int64(len(due))-n
		if err != nil {
			return deleted, changed, err
		}
	}
	return deleted, changed, nil
}

func (j *Journal) imagesOfUpdates(
	ctx context.Context, collection string, batch []mongodb.Update,
) (due []mongodb.Update, entries []journal.Entry, err error) {
	for _, u := range batch {
		before, err := j.w.Document(ctx, collection, u.ID)
		if err != nil {
			return nil, nil, err
		}
		if before == nil || !updateIsDue(u, before) {
			continue
		}
		after, err := updated(u, before)
		if err != nil {
			return nil, nil, fmt.Errorf("foresee an update in %s: %w", collection, err)
		}
		due = append(due, u)
		entries = append(entries, journal.Entry{Before: before, After: after})
	}
	return due, entries, nil
}

func (j *Journal) imagesOfDeletions(
	ctx context.Context, collection string, batch []mongodb.Deletion,
) (due []mongodb.Deletion, entries []journal.Entry, err error) {
	for _, x := range batch {
		before, err := j.w.Document(ctx, collection, x.ID)
		if err != nil {
			return nil, nil, err
		}
		if before == nil || !deletionIsDue(x, before) {
			continue
		}
		due = append(due, x)
		entries = append(entries, journal.Entry{Before: before})
	}
	return due, entries, nil
}

func updateIsDue(u mongodb.Update, doc bson.Raw) bool {
	for _, f := range u.Fields {
		if bsonvalue.Reference(doc, f.Name) != f.Old {
			return false
		}
	}
	return true
}

func deletionIsDue(x mongodb.Deletion, doc bson.Raw) bool {
	for name, v := range x.If {
		if bsonvalue.Reference(doc, name) != v {
			return false
		}
	}
	return true
}

// updated is doc as the server will store it: a field that is there keeps its place, a new one goes to the end.
func updated(u mongodb.Update, doc bson.Raw) (bson.Raw, error) {
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
