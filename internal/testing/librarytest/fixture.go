package librarytest

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Names of the fixtures: a library of layout UCoreFS that the application wrote, before and after the application's own
// maintenance. Its files would be below /library/photos.
const (
	Desktop           = "desktop"
	DesktopMaintained = "desktop-after-its-own-maintenance"
)

//go:embed testdata/ucorefs
var fixtures embed.FS

// Fixture is the documents of a fixture. It panics on an unknown name.
func Fixture(name string) Docs {
	text, err := fixtures.ReadFile("testdata/ucorefs/" + name + ".jsonl")
	if err != nil {
		panic(fmt.Sprintf("librarytest: %v", err))
	}
	docs := Docs{}
	for line := range bytes.Lines(text) {
		var entry struct {
			Collection string   `bson:"collection"`
			Document   bson.Raw `bson:"document"`
		}
		if err := bson.UnmarshalExtJSON(line, true, &entry); err != nil {
			panic(fmt.Sprintf("librarytest: fixture %s: %v", name, err))
		}
		docs[entry.Collection] = append(docs[entry.Collection], entry.Document)
	}
	return docs
}

// InsertRaw puts all documents into db. The collections should be empty.
func InsertRaw(ctx context.Context, db *mongo.Database, docs Docs) error {
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		for batch := range slices.Chunk(docs[name], InsertBatch) {
			if _, err := db.Collection(name).InsertMany(ctx, batch); err != nil {
				return fmt.Errorf("insert into %s: %w", name, err)
			}
		}
	}
	return nil
}
