package mongodb

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// MissingNote says that a record's file was found missing. There is at most one for a record, and it changes no user document.
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
func (r *Reader) MissingNotes(ctx context.Context, each func(MissingNote)) error {
	return r.Scan(ctx, MissingCollection, ScanOptions{}, func(doc bson.Raw) error {
		var r missingRecord
		if err := bson.Unmarshal(doc, &r); err != nil {
			return nil // whatever it is, it is not what NoteMissing wrote
		}
		each(MissingNote{Record: bsonvalue.Of(r.ID), Path: r.Path, Run: r.Run, FirstSeen: r.FirstSeen})
		return nil
	})
}

// NoteMissing writes notes, in place of those that there are of the same records. It is safe to repeat.
func (w *Writer) NoteMissing(ctx context.Context, notes []MissingNote) error {
	for batch := range slices.Chunk(notes, w.facts.MaxUpdates) {
		models := make([]mongo.WriteModel, len(batch))
		for i, n := range batch {
			id := n.Record.Raw()
			r := missingRecord{ID: id, Path: n.Path, Run: n.Run, FirstSeen: n.FirstSeen.UTC()}
			models[i] = mongo.NewReplaceOneModel().SetFilter(bson.D{{Key: "_id", Value: id}}).SetReplacement(r).SetUpsert(true)
		}
		if _, err := w.bulk(ctx, MissingCollection, models); err != nil {
			return err
		}
	}
	return nil
}

// ForgetMissing removes the notes of some records.
func (w *Writer) ForgetMissing(ctx context.Context, records []bsonvalue.ID) error {
	deletions := make([]Deletion, len(records))
	for i, id := range records {
		deletions[i] = Deletion{ID: id}
	}
	_, err := w.Delete(ctx, MissingCollection, deletions)
	return err
}
