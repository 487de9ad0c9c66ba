package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// fileRecords is the collection that tells whether a database holds a library.
const fileRecords = "file_records"

// seed makes the demo's library, in the database and on disk, and says what damage is in it. The files come first: when
// it is killed half way, the records show that it must run again.
func seed(ctx context.Context, s settings, out io.Writer) error {
	db, disconnect, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer disconnect()
	l := librarytest.Generate(s.seed, librarytest.Demo)
	if err := refuseFull(ctx, db.Collection(fileRecords), s.force); err != nil {
		return err
	}
	if err := writeFiles(l, s.root, out); err != nil {
		return err
	}
	if s.force {
		if err := clearEarlier(ctx, l, db); err != nil {
			return err
		}
	}
	if err := insert(ctx, l, db, out); err != nil {
		return err
	}
	printDamage(l, out)
	return nil
}

// refuseFull refuses a database that holds a library: it may be somebody's own.
func refuseFull(ctx context.Context, files *mongo.Collection, force bool) error {
	n, err := files.CountDocuments(ctx, bson.D{}, options.Count().SetLimit(1))
	if err != nil {
		return fmt.Errorf("count the file records: %w", err)
	}
	if n > 0 && !force {
		return fmt.Errorf("%s has records already: seed an empty database, or give --force to add to this one", files.Name())
	}
	return nil
}

// clearEarlier deletes what an earlier seeding of the same library left: the documents with exactly its ids, and no
// other.
func clearEarlier(ctx context.Context, l librarytest.Library, db *mongo.Database) error {
	for name, docs := range l.Docs {
		for batch := range slices.Chunk(docs, librarytest.InsertBatch) {
			if _, err := db.Collection(name).DeleteMany(ctx,
				bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids(batch)}}}}); err != nil {
				return fmt.Errorf("clear an earlier seeding from %s: %w", name, err)
			}
		}
	}
	return nil
}

func ids(docs []bson.D) (list bson.A) {
	for _, doc := range docs {
		list = append(list, doc[0].Value) // _id always comes first
	}
	return list
}

func writeFiles(l librarytest.Library, root string, out io.Writer) error {
	if root == "" {
		return nil
	}
	if err := l.WriteFiles(root); err != nil {
		return fmt.Errorf("write the library's files: %w", err)
	}
	fmt.Fprintf(out, "%d files below %s\n", len(l.Files()), root)
	return nil
}

// insert fills the collections, with a line for each one that is full.
func insert(ctx context.Context, l librarytest.Library, db *mongo.Database, out io.Writer) error {
	inserted := map[string]int{}
	return l.InsertWith(ctx, db, func(collection string, n int) {
		inserted[collection] += n
		if inserted[collection] == len(l.Docs[collection]) {
			fmt.Fprintf(out, "%-19s %d documents\n", collection, inserted[collection])
		}
	})
}

func printDamage(l librarytest.Library, out io.Writer) {
	fmt.Fprintln(out, "\nplanted damage:")
	for _, what := range slices.Sorted(maps.Keys(l.Planted)) {
		fmt.Fprintf(out, "  %4d %s\n", l.Planted[what], what)
	}
}
