package librarytest

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/library"
)

// InsertBatch is how many documents Insert sends in one command: an embedding is some 6 KB.
const InsertBatch = 500

// Insert puts all documents into db. The collections should be empty.
func (l Library) Insert(ctx context.Context, db *mongo.Database) error {
	return l.InsertWith(ctx, db, func(string, int) {})
}

// InsertWith is Insert that calls done after each batch with the number of documents in it.
func (l Library) InsertWith(ctx context.Context, db *mongo.Database, done func(collection string, n int)) error {
	for _, name := range Collections(l.Model) {
		for batch := range slices.Chunk(l.Docs[name], InsertBatch) {
			if _, err := db.Collection(name).InsertMany(ctx, batch); err != nil {
				return fmt.Errorf("insert into %s: %w", name, err)
			}
			done(name, len(batch))
		}
	}
	return nil
}

// Collections are the names of all collections of a model, in the order of insertion.
func Collections(m library.Model) []string {
	return []string{
		m.Directories.Collection, m.Files.Collection, m.Tags.Collection, m.Albums.Collection,
		m.Embeddings.Collection, m.Tasks.Collection, m.Journal.Collection, m.Activity.Collection,
	}
}

// Read reads the named collections of db back, whole, into memory.
func Read(ctx context.Context, db *mongo.Database, collections ...string) (Docs, error) {
	docs := Docs{}
	for _, name := range collections {
		cursor, err := db.Collection(name).Find(ctx, bson.D{})
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var all []bson.D
		if err := cursor.All(ctx, &all); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		docs[name] = all
	}
	return docs, nil
}
