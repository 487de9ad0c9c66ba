package stores_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// BenchmarkJournaledWrites compares changes that are journaled with the bare writes that they take, sent in the same
// batches to the same server, turn by turn. It reports the medians' ratios: to the updates alone, with the filter that
// sees whether a document is as it was, and to a naive loop that finds each document, keeps it and updates it.
func BenchmarkJournaledWrites(b *testing.B) {
	for _, size := range []struct{ files, changed int }{{400, 20}, {5200, 10}} {
		b.Run(fmt.Sprintf("%d of %d files", size.changed, size.files), func(b *testing.B) {
			f := newFiles(b, size.files, size.changed)
			var journaled, bare, naive []time.Duration
			for range max(5, b.N) {
				bare = append(bare, f.timed(b, f.updateBare))
				journaled = append(journaled, f.timed(b, f.updateJournaled))
				naive = append(naive, f.timed(b, f.updateNaively))
			}
			b.ReportMetric(float64(median(journaled))/float64(median(bare)), "of-bare")
			b.ReportMetric(float64(median(journaled))/float64(median(naive)), "of-naive")
			b.ReportMetric(median(journaled).Seconds()*1000/float64(size.changed), "ms/document")
		})
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// files are records with lists of tags, some of which change.
type files struct {
	server  mongotest.Server
	writer  *mongodb.Writer
	ids     []bson.ObjectID // of those that change
	version int             // of their lists
}

func newFiles(b *testing.B, n, changed int) *files {
	f := &files{server: mongotest.New(b)}
	f.writer = f.server.Writer(b)
	var docs []bson.D
	for i := range n {
		id := bson.NewObjectID()
		docs = append(docs, bson.D{
			{Key: "_id", Value: id}, {Key: "path", Value: fmt.Sprintf("/library/photos/2024/%06d.jpg", i)},
			{Key: "tag_ids", Value: f.list(0)},
			{Key: "embeddings", Value: bson.D{{Key: "clip", Value: make([]float64, 64)}}},
		})
		if i%(n/changed) == 0 && len(f.ids) < changed {
			f.ids = append(f.ids, id)
		}
	}
	mongotest.Put(b, f.server, docs...)
	return f
}

// list is what the records hold in a version.
func (f *files) list(version int) bson.A {
	return bson.A{"people", fmt.Sprint("version ", version), "travel"}
}

// timed changes all records once.
func (f *files) timed(b *testing.B, change func(*testing.B, bson.A, bson.A)) time.Duration {
	began := time.Now()
	change(b, f.list(f.version), f.list(f.version+1))
	took := time.Since(began)
	f.version++
	return took
}

func (f *files) updateJournaled(b *testing.B, old, list bson.A) {
	var updates []mongodb.Update
	for _, id := range f.ids {
		field := mongodb.Field{Name: "tag_ids", Old: mongotest.Of(b, old), New: list}
		updates = append(updates, mongodb.Update{ID: bsonvalue.ObjectID(id), Fields: []mongodb.Field{field}})
	}
	run := fmt.Sprint("run ", f.version)
	if done, err := stores.NewJournal(f.writer, run).Update(b.Context(), mongotest.Things, updates); err != nil ||
		done.Conflicts > 0 {
		b.Fatalf("%+v, %v", done, err)
	}
}

func (f *files) updateBare(b *testing.B, old, list bson.A) {
	for batch := range slices.Chunk(f.ids, f.writer.Facts().MaxUpdates) {
		var models []mongo.WriteModel
		for _, id := range batch {
			filter := bson.D{{Key: "_id", Value: id}, {Key: "tag_ids", Value: bson.D{{Key: "$eq", Value: old}}}}
			set := bson.D{{Key: "$set", Value: bson.D{{Key: "tag_ids", Value: list}}}}
			models = append(models, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(set))
		}
		things := f.server.DB.Collection(mongotest.Things)
		if done, err := things.BulkWrite(b.Context(), models, options.BulkWrite().SetOrdered(false)); err != nil ||
			int(done.ModifiedCount) != len(batch) {
			b.Fatalf("%+v, %v", done, err)
		}
	}
}

func (f *files) updateNaively(b *testing.B, _, list bson.A) {
	things, kept := f.server.DB.Collection(mongotest.Things), f.server.DB.Collection("kept")
	for _, id := range f.ids {
		byID := bson.D{{Key: "_id", Value: id}}
		before, err := things.FindOne(b.Context(), byID).Raw()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := kept.InsertOne(b.Context(), bson.D{{Key: "before", Value: before}}); err != nil {
			b.Fatal(err)
		}
		if _, err := things.UpdateOne(b.Context(), byID,
			bson.D{{Key: "$set", Value: bson.D{{Key: "tag_ids", Value: list}}}}); err != nil {
			b.Fatal(err)
		}
	}
}
