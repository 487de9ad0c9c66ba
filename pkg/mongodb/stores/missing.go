package stores

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// MissingNote says that a record's file was found missing. There is at most one for a record, and it changes no user
// document.
type MissingNote struct {
	Record    bsonvalue.ID
	Path      string // the record's, as it was then
	Run       string // the run that saw it first
	FirstSeen time.Time
}

type missingRecord struct {
	ID        bson.RawValue `bson:"_id"` // the record's
	Path      string        `bson:"path"`
	Run       string        `bson:"run"`
	FirstSeen time.Time     `bson:"first_seen"`
}

// MissingNotes gives every note to each. What cannot be read is no note; a new one takes its place.
func MissingNotes(ctx context.Context, r *mongodb.Reader, each func(MissingNote)) error {
	return r.Scan(ctx, mongodb.MissingCollection, mongodb.ScanOptions{}, func(doc bson.Raw) error {
		var r missingRecord
		if err := bson.Unmarshal(doc, &r); err != nil {
			return nil // whatever it is, it is not what NoteMissing wrote
		}
		each(MissingNote{Record: bsonvalue.Of(r.ID), Path: r.Path, Run: r.Run, FirstSeen: r.FirstSeen})
		return nil
	})
}

// NoteMissing writes notes, in place of those that there are of the same records. It is safe to repeat.
func NoteMissing(ctx context.Context, w *mongodb.Writer, notes []MissingNote) error {
	for batch := range slices.Chunk(notes, w.Facts().MaxUpdates) {
		models := make([]mongo.WriteModel, len(batch))
		for i, n := range batch {
			id := n.Record.Raw()
			r := missingRecord{ID: id, Path: n.Path, Run: n.Run, FirstSeen: n.FirstSeen.UTC()}
			models[i] = mongo.NewReplaceOneModel().SetFilter(bson.D{{Key: "_id", Value: id}}).SetReplacement(r).SetUpsert(true)
		}
		if _, err := w.Bulk(ctx, driver.Key{}, mongodb.MissingCollection, models); err != nil {
			return err
		}
	}
	return nil
}

// ForgetMissing removes the notes of some records.
func ForgetMissing(ctx context.Context, w *mongodb.Writer, records []bsonvalue.ID) error {
	deletions := make([]mongodb.Deletion, len(records))
	for i, id := range records {
		deletions[i] = mongodb.Deletion{ID: id}
	}
	_, err := w.Delete(ctx, mongodb.MissingCollection, deletions)
	return err
}
