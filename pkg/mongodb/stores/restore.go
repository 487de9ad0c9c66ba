package stores

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// PreviewRestore is what Restore would do now.
func PreviewRestore(ctx context.Context, r *mongodb.Reader, run string) (journal.Restored, error) {
	var undoing journal.Undoing
	err := eachEntry(ctx, r, run, func(entry journalRecord) error {
		current, err := r.Document(ctx, entry.Collection, bsonvalue.Of(entry.Document))
		if err == nil {
			undoing.Add(entry.name(), undoing.Foresee(entry.name(), entry.entry(), current))
		}
		return err
	})
	return undoing.Done(), err
}

// Restore undoes a run, its last entry first. What was written since is left alone and counted as a conflict. On an error it
// is what was restored until then.
func Restore(ctx context.Context, w *mongodb.Writer, run string) (journal.Restored, error) {
	var undoing journal.Undoing
	err := eachEntry(ctx, w.Reader, run, func(entry journalRecord) error {
		action, err := undo(ctx, w, entry)
		if err == nil {
			undoing.Add(entry.name(), action)
		}
		return err
	})
	return undoing.Done(), err
}

// eachEntry gives a run's entries to each, the last one first.
func eachEntry(ctx context.Context, r *mongodb.Reader, run string, each func(journalRecord) error) error {
	find := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}})
	inRun := bson.D{{Key: "run", Value: run}}
	return r.Find(ctx, driver.Key{}, mongodb.JournalCollection, inRun, find, func(raw bson.Raw) error {
		var entry journalRecord
		if err := bson.Unmarshal(raw, &entry); err != nil {
			return fmt.Errorf("read a journal entry: %w", err)
		}
		return each(entry)
	})
}

// entry is the record without what the store needs.
func (r journalRecord) entry() journal.Entry { return journal.Entry{Before: r.Before, After: r.After} }

// name is the record's document, for people.
func (r journalRecord) name() string { return r.Collection + " " + bsonvalue.Of(r.Document).String() }

func undo(ctx context.Context, w *mongodb.Writer, entry journalRecord) (journal.Action, error) {
	current, err := w.Document(ctx, entry.Collection, bsonvalue.Of(entry.Document))
	if err != nil {
		return "", err
	}
	action := entry.entry().Undo(current)
	if action == journal.Nothing || action == journal.Conflict {
		return action, nil
	}
	if err := w.MayWrite(ctx, "restore a document of", entry.Collection); err != nil {
		return "", err
	}
	applied, err := putBack(ctx, w, action, entry, current)
	switch {
	case err != nil:
		return "", fmt.Errorf("restore a document of %s: %w", entry.Collection, err)
	case !applied:
		return journal.Conflict, nil
	}
	return action, nil
}

// putBack is false where somebody was quicker.
func putBack(
	ctx context.Context, w *mongodb.Writer, action journal.Action, entry journalRecord, current bson.Raw,
) (applied bool, err error) {
	c := w.Connection(driver.Key{}).DB().Collection(entry.Collection)
	if action == journal.Insert {
		_, err = c.InsertOne(ctx, bson.Raw(entry.Before))
		if mongo.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, err
	}
	result, err := c.ReplaceOne(ctx, sameFields(current), bson.Raw(entry.Before))
	if err != nil {
		return false, err
	}
	return result.MatchedCount > 0, nil
}

// sameFields matches doc only while each of its fields holds what it holds now.
func sameFields(doc bson.Raw) bson.D {
	filter := bson.D{}
	elements, err := doc.Elements()
	if err != nil { // a document that came from the server is well-formed
		return bson.D{{Key: "_id", Value: doc.Lookup("_id")}}
	}
	for _, e := range elements {
		if e.Key() == "_id" {
			filter = append(filter, bson.E{Key: "_id", Value: e.Value()})
			continue
		}
		filter = append(filter, bson.E{Key: e.Key(), Value: mongodb.Is(bsonvalue.Of(e.Value()))})
	}
	return filter
}
