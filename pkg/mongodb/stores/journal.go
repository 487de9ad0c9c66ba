package stores

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
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

// Journal writes what a run is about to change or delete, and then does it, so that the run can be undone. It is made
// once a run.
type Journal struct {
	w       *mongodb.Writer
	run     string
	indexed atomic.Bool // whether its indexes were made
}

// NewJournal is the journal of one run.
func NewJournal(w *mongodb.Writer, run string) *Journal { return &Journal{w: w, run: run} }

// record writes entries, and returns only when they are safe: call it before the documents are touched. It is called
// again for a document that a later step of the same run changes again.
func (j *Journal) record(ctx context.Context, collection string, entries []journal.Entry) error {
	if err := j.w.MayWrite(ctx, "write to", mongodb.JournalCollection); err != nil {
		return err
	}
	if err := j.ensureIndexes(ctx); err != nil {
		return err
	}
	now := time.Now().UTC()
	for batch := range slices.Chunk(entries, j.w.Facts().MaxInserts) {
		records := make([]any, len(batch))
		for i, e := range batch {
			records[i] = journalRecord{
				ID: bson.NewObjectID(), Run: j.run, Collection: collection, Document: e.Before.Lookup("_id"),
				Before: e.Before, After: e.After, Time: now, ExpiresAt: now.Add(journal.Keep),
			}
		}
		if _, err := j.w.Connection(driver.Key{}).DB().Collection(mongodb.JournalCollection).InsertMany(ctx, records); err != nil {
			return fmt.Errorf("write the journal: %w", err)
		}
	}
	return nil
}

// ensureIndexes makes the index by run and the TTL index, at the first entry. A server without TTL
// indexes keeps entries for ever.
func (j *Journal) ensureIndexes(ctx context.Context) error {
	if j.indexed.Load() {
		return nil
	}
	indexes := j.w.Connection(driver.Key{}).DB().Collection(mongodb.JournalCollection).Indexes()
	byRun := mongo.IndexModel{Keys: bson.D{{Key: "run", Value: 1}, {Key: "_id", Value: 1}}}
	if _, err := indexes.CreateOne(ctx, byRun); err != nil {
		return fmt.Errorf("make the journal's index: %w", err)
	}
	expiry := mongo.IndexModel{Keys: bson.D{{Key: "expires_at", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0)}
	if _, err := indexes.CreateOne(ctx, expiry); err != nil && !connection.IsCommandError(err) {
		return fmt.Errorf("make the journal's TTL index: %w", err)
	}
	j.indexed.Store(true)
	return nil
}
