package librarytest

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// InsertBatch is how many documents Insert sends in one command: an embedding is some 6 KB.
const InsertBatch = 500

// Insert puts all documents into db. The collections should be empty.
func (l Library) Insert(ctx context.Context, db *mongo.Database) error {
	return l.InsertWith(ctx, db, func(string, int) {})
}

// InsertWith is Insert that calls done after each batch with the number of documents in it.
func (l Library) InsertWith(ctx context.Context, db *mongo.Database, done func(collection string, n int)) error {
	for _, name := range l.Layout.Collections() {
		for batch := range slices.Chunk(l.Docs[name], InsertBatch) {
			if _, err := db.Collection(name).InsertMany(ctx, batch); err != nil {
				return fmt.Errorf("insert into %s: %w", name, err)
			}
			done(name, len(batch))
		}
	}
	return nil
}

// Read reads every collection of the layout that has documents from db, whole, into memory.
func (l Layout) Read(ctx context.Context, db *mongo.Database) (Docs, error) {
	return Read(ctx, db, l.Collections()...)
}

// Read reads the collections that have documents from db, whole, into memory.
func Read(ctx context.Context, db *mongo.Database, collections ...string) (Docs, error) {
	docs := Docs{}
	for _, name := range collections {
		var all []bson.Raw
		cursor, err := db.Collection(name).Find(ctx, bson.D{})
		if err == nil {
			err = cursor.All(ctx, &all)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if len(all) > 0 {
			docs[name] = all
		}
	}
	return docs, nil
}

// webUnique are the fields of which the web application makes a unique index, by collection.
var webUnique = map[string]string{
	fileRecords: "path", directoryRecords: "path", tags: "name", albums: "name", detectionClasses: "name",
	embeddings: "file_id", taskRecords: "task_id",
}

// CreateCollections creates what the web application makes when it starts: all its collections, with their unique
// indexes. Of another layout it creates the empty collections alone.
func (l Layout) CreateCollections(ctx context.Context, db *mongo.Database) error {
	for _, name := range l.Collections() {
		if err := db.CreateCollection(ctx, name); err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
		field, unique := webUnique[name]
		if l != Web || !unique {
			continue
		}
		index := mongo.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetUnique(true)}
		if _, err := db.Collection(name).Indexes().CreateOne(ctx, index); err != nil {
			return fmt.Errorf("create the index on %s of %s: %w", field, name, err)
		}
	}
	return nil
}
