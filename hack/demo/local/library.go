package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// layout is the application's whose library the demo makes.
const layout = librarytest.UCoreFS

// generate is a library whose files lie below root, with some damage of every kind.
func generate(root string, files int, now time.Time) librarytest.Library {
	return librarytest.GenerateWith(1, librarytest.Options{
		Layout: layout, Prefix: root, Roots: 2, Directories: files / 15, Files: files,
		Tags: 24, Albums: 6, SmartAlbums: 2, Embeddings: files / 5, ClipDimension: 32,
		Relations: 20, Detections: 24, Jobs: 3, Tasks: 40, Journal: 60,
		Drift: 0.3, Missing: 0.02, Virtual: 0.01, OneOfEach: true, Now: now,
	})
}

func writeLibrary(ctx context.Context, l librarytest.Library, f folders, db *mongo.Database) error {
	if err := l.WriteFiles(f.library); err != nil {
		return err
	}
	if err := writeCacheAndLogs(f, time.Now()); err != nil {
		return err
	}
	if err := l.Insert(ctx, db); err != nil {
		return err
	}
	return forgetEmbeddings(ctx, db)
}

// incomplete are the images that forgetEmbeddings leaves without an embedding.
const incomplete = 5

// forgetEmbeddings makes some images what a crash of the application leaves: said to be done, without an embedding.
func forgetEmbeddings(ctx context.Context, db *mongo.Database) error {
	files := db.Collection("file_records")
	filter := bson.D{{Key: "file_type", Value: "image"}, {Key: "embeddings", Value: nil}}
	for range incomplete {
		filter := append(slices.Clone(filter), bson.E{Key: "processing_state", Value: 10})
		set := bson.D{{Key: "$set", Value: bson.D{{Key: "processing_state", Value: 50}}}}
		if _, err := files.UpdateOne(ctx, filter, set); err != nil {
			return fmt.Errorf("make an incomplete image: %w", err)
		}
	}
	return nil
}

func documents(l librarytest.Library) (n int) {
	for _, docs := range l.Docs {
		n += len(docs)
	}
	return n
}

// damage sums up what was planted.
func damage(l librarytest.Library) string {
	counters, references := 0, 0
	for what, n := range l.Planted {
		switch {
		case strings.HasPrefix(what, "drifted counters"):
			counters += n
		case strings.HasPrefix(what, "dangling"):
			references += n
		}
	}
	return fmt.Sprintf("%d drifted counters, %d kinds of references that lead nowhere, %d files that are gone from disk, "+
		"%d cache files nobody uses, a log file for each of %d starts, and more", counters, references, len(l.Missing),
		oldCacheFiles, logFiles)
}
