package mongodb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/journal"
)

// Journal is the store of journal entries.
type Journal struct {
	d *Database
}

// Journal is this database's journal.
func (d *Database) Journal() *Journal { return &Journal{d} }

// journalRecord is one entry as it is stored. The documents are binary, since a document may hold keys that a server refuses
// inside another one ($-keys on FerretDB 1), and since bytes come back exactly as they went in.
type journalRecord struct {
	ID         bson.ObjectID `bson:"_id"` // in the order of writing within a run
	Run        string        `bson:"run"`
	Collection string        `bson:"collection"`
	Document   bson.RawValue `bson:"document"` // the document's _id, for people who look
	Before     []byte        `bson:"before"`
	After      []byte        `bson:"after"` // null where the document was deleted
	Time       time.Time     `bson:"time"`
	ExpiresAt  time.Time     `bson:"expires_at"` // of the TTL index
}

// Append writes entries, and returns only when they are safe: call it before the documents are touched. It is called again
// for a document that a later step of the same run changes again.
func (j *Journal) Append(ctx context.Context, run, collection string, entries []journal.Entry) error {
	if err := j.ensureIndexes(ctx); err != nil {
		return err
	}
	if err := j.d.stillHeld(ctx); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	now := time.Now().UTC()
	for batch := range slices.Chunk(entries, j.d.facts.MaxInserts) {
		records := make([]any, len(batch))
		for i, e := range batch {
			records[i] = journalRecord{
				ID: bson.NewObjectID(), Run: run, Collection: collection, Document: e.Before.Lookup("_id"),
				Before: e.Before, After: e.After, Time: now, ExpiresAt: now.Add(journal.Keep),
			}
		}
		if _, err := j.d.db.Collection(JournalCollection).InsertMany(ctx, records); err != nil {
			return fmt.Errorf("write the journal: %w", err)
		}
	}
	return nil
}

// ensureIndexes makes the index by run and the TTL index, at the first writing of a process. A server without TTL indexes keeps
// entries for ever.
func (j *Journal) ensureIndexes(ctx context.Context) error {
	if j.d.journalIndexed.Load() {
		return nil
	}
	indexes := j.d.db.Collection(JournalCollection).Indexes()
	byRun := mongo.IndexModel{Keys: bson.D{{Key: "run", Value: 1}, {Key: "_id", Value: 1}}}
	if _, err := indexes.CreateOne(ctx, byRun); err != nil {
		return fmt.Errorf("make the journal's index: %w", err)
	}
	expiry := mongo.IndexModel{Keys: bson.D{{Key: "expires_at", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0)}
	if _, err := indexes.CreateOne(ctx, expiry); err != nil && !isCommandError(err) {
		return fmt.Errorf("make the journal's TTL index: %w", err)
	}
	j.d.journalIndexed.Store(true)
	return nil
}

// Restore undoes a run, its last entry first. What was written since is left alone and counted as a conflict.
func (j *Journal) Restore(ctx context.Context, run string, dryRun bool) (journal.Restored, error) {
	var done journal.Restored
	find := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}})
	err := j.d.find(ctx, JournalCollection, bson.D{{Key: "run", Value: run}}, find, func(raw bson.Raw) error {
		var r journalRecord
		if err := bson.Unmarshal(raw, &r); err != nil {
			return fmt.Errorf("read a journal entry: %w", err)
		}
		action, err := j.undo(ctx, r, dryRun)
		if err != nil {
			return err
		}
		done.Add(action, r.Collection+" "+ValueOf(r.Document).String())
		return nil
	})
	return done, err
}

func (j *Journal) undo(ctx context.Context, r journalRecord, dryRun bool) (journal.Action, error) {
	id := ValueOf(r.Document)
	current, err := j.d.Document(ctx, r.Collection, id)
	if err != nil {
		return "", err
	}
	action := journal.Entry{Before: r.Before, After: r.After}.Undo(current)
	if dryRun || action == journal.Nothing || action == journal.Conflict {
		return action, nil
	}
	if err := j.d.stillHeld(ctx); err != nil {
		return "", fmt.Errorf("restore a document of %s: %w", r.Collection, err)
	}
	c := j.d.db.Collection(r.Collection)
	switch action {
	case journal.Insert:
		_, err = c.InsertOne(ctx, bson.Raw(r.Before))
		if mongo.IsDuplicateKeyError(err) {
			return journal.Conflict, nil
		}
	case journal.Replace:
		var result *mongo.UpdateResult
		result, err = c.ReplaceOne(ctx, sameFields(current), bson.Raw(r.Before))
		if err == nil && result.MatchedCount == 0 {
			return journal.Conflict, nil
		}
	}
	if err != nil {
		return "", fmt.Errorf("restore a document of %s: %w", r.Collection, err)
	}
	return action, nil
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
		filter = append(filter, bson.E{Key: e.Key(), Value: Is(ValueOf(e.Value()))})
	}
	return filter
}
