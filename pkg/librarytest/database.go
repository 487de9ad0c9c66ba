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

// Raw is docs as a database stores them, for Recount and Check.
func Raw(docs map[string][]bson.D) map[string][]bson.Raw {
	raws := map[string][]bson.Raw{}
	for name, list := range docs {
		for _, doc := range list {
			raw, err := bson.Marshal(doc)
			if err != nil {
				panic(fmt.Sprintf("librarytest: encode a document of %s: %v", name, err)) // the generator makes nothing that is no BSON
			}
			raws[name] = append(raws[name], raw)
		}
	}
	return raws
}

// Read reads what Recount needs back from db, whole, into memory.
func Read(ctx context.Context, db *mongo.Database) (map[string][]bson.Raw, error) {
	m, docs := library.UCoreFS(), map[string][]bson.Raw{}
	return docs, read(ctx, db, docs, m.Files.Collection, m.Directories.Collection, m.Tags.Collection, m.Albums.Collection)
}

func read(ctx context.Context, db *mongo.Database, docs map[string][]bson.Raw, collections ...string) error {
	for _, name := range collections {
		cursor, err := db.Collection(name).Find(ctx, bson.D{})
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		var all []bson.Raw
		if err := cursor.All(ctx, &all); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		docs[name] = all
	}
	return nil
}

// ReadAll reads every collection that a library has documents in back from db, whole, into memory.
func ReadAll(ctx context.Context, db *mongo.Database) (map[string][]bson.Raw, error) {
	docs := map[string][]bson.Raw{}
	return docs, read(ctx, db, docs, Collections(library.UCoreFS())...)
}

// ByID is documents by the Key of their _id, each as a string of its bytes.
func ByID(docs []bson.Raw) map[string]string {
	texts := map[string]string{}
	for _, doc := range docs {
		texts[idOf(doc)] = string(doc)
	}
	return texts
}
