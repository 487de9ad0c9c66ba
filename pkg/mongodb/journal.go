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

// journal writes entries, and returns only when they are safe: call it before the documents are touched. It is called
// again for a document that a later step of the same run changes again.
func (w *Writer) journal(ctx context.Context, run, collection string, entries []journal.Entry) error {
	if err := w.mayWrite(ctx, "write to", JournalCollection); err != nil {
		return err
	}
	if err := w.ensureJournalIndexes(ctx); err != nil {
		return err
	}
	now := time.Now().UTC()
	for batch := range slices.Chunk(entries, w.facts.MaxInserts) {
		records := make([]any, len(batch))
		for i, e := range batch {
			records[i] = journalRecord{
				ID: bson.NewObjectID(), Run: run, Collection: collection, Document: e.Before.Lookup("_id"),
				Before: e.Before, After: e.After, Time: now, ExpiresAt: now.Add(journal.Keep),
			}
		}
		if _, err := w.db.Collection(JournalCollection).InsertMany(ctx, records); err != nil {
			return fmt.Errorf("write the journal: %w", err)
		}
	}
	return nil
}

// ensureJournalIndexes makes the index by run and the TTL index, at a writer's first entry. A server without TTL
// indexes keeps entries for ever.
func (w *Writer) ensureJournalIndexes(ctx context.Context) error {
	if w.journalIndexed.Load() {
		return nil
	}
	indexes := w.db.Collection(JournalCollection).Indexes()
	byRun := mongo.IndexModel{Keys: bson.D{{Key: "run", Value: 1}, {Key: "_id", Value: 1}}}
	if _, err := indexes.CreateOne(ctx, byRun); err != nil {
		return fmt.Errorf("make the journal's index: %w", err)
	}
	expiry := mongo.IndexModel{Keys: bson.D{{Key: "expires_at", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0)}
	if _, err := indexes.CreateOne(ctx, expiry); err != nil && !isCommandError(err) {
		return fmt.Errorf("make the journal's TTL index: %w", err)
	}
	w.journalIndexed.Store(true)
	return nil
}
