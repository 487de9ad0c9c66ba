package stores

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Update is Writer.Update for changes that take something away: before each batch is sent, what leads back to its
// documents is written to the journal. A document that no longer holds the Old values is left alone and counted as
// Conflicts. A crash between the journal and the write leaves an entry whose undoing is nothing. No two updates may be
// of the same document.
func (j *Journal) Update(
	ctx context.Context, collection string, updates []mongodb.Update,
) (total mongodb.Written, err error) {
	for batch := range slices.Chunk(updates, j.w.Facts().MaxUpdates) {
		sent := 0
		err := eachJournaled(ctx, j, collection, batch, asPlanned, func(due []mongodb.Update) error {
			done, err := j.w.Update(ctx, collection, due)
			total, sent = total.Plus(done), sent+len(due)
			return err
		})
		if err != nil {
			return total, err
		}
		total.Conflicts += int64(len(batch) - sent)
	}
	return total, nil
}

// Delete is Writer.Delete with every document first written to the journal, whole. Changed are the documents that were
// gone, no longer as If says, or written after the journal read them, and were left alone. No two deletions may be of
// the same document.
func (j *Journal) Delete(
	ctx context.Context, collection string, deletions []mongodb.Deletion,
) (deleted, changed int64, err error) {
	for batch := range slices.Chunk(deletions, j.w.Facts().MaxDeletes) {
		before := deleted
		seen := j.asJournaled(ctx, collection)
		err := eachJournaled(ctx, j, collection, batch, seen, func(due []mongodb.Deletion) error {
			n, err := j.w.Delete(ctx, collection, due)
			deleted += n
			return err
		})
		if err != nil {
			return deleted, changed, err
		}
		changed += int64(len(batch)) - (deleted - before)
	}
	return deleted, changed, nil
}

// asPlanned leaves an update as it is: it takes away the old values alone, which it compares.
func asPlanned(u mongodb.Update, _ bson.Raw) (mongodb.Update, error) { return u, nil }

// maxImages is how many bytes of documents, with their entries, are held before they are written, unless a single one
// has more: a write holds about what it writes.
const maxImages = 8 << 20

// eachJournaled reads the documents of writes, and gives those writes that are still due, as they become by each's
// document, to send as soon as what leads back to their documents is in the journal. It reads once, and sends once
// unless the entries are large.
func eachJournaled[I mongodb.Intended](
	ctx context.Context, j *Journal, collection string, writes []I, seen func(I, bson.Raw) (I, error),
	send func([]I) error,
) error {
	b := &journaledBatch[I]{seen: seen}
	flush := func() error {
		if len(b.due) == 0 {
			return nil
		}
		if err := j.record(ctx, collection, b.entries); err != nil {
			return err
		}
		due := b.due
		*b = journaledBatch[I]{seen: seen}
		return send(due)
	}
	byID := bsonvalue.IDMap[I]{}
	for _, write := range writes {
		byID.Put(write.Target(), write)
	}
	err := wholeDocuments(ctx, j.w.Reader, collection, mongodb.Targets(writes), func(before bson.Raw) error {
		write, asked := byID.At(bsonvalue.Reference(before, "_id"))
		if !asked { // another document, whose _id the collection finds equal
			return nil
		}
		if err := b.add(write, before); err != nil {
			return fmt.Errorf("foresee a write to %s: %w", collection, err)
		}
		if b.bytes < maxImages {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// journaledBatch is writes that are due, with the entries of their documents.
type journaledBatch[I mongodb.Intended] struct {
	seen    func(I, bson.Raw) (I, error)
	due     []I
	entries []journaledDocument
	bytes   int
}

// add takes in a write unless it is no longer due. Before is valid during the call only.
func (b *journaledBatch[I]) add(write I, before bson.Raw) error {
	if !write.StillDue(before) {
		return nil
	}
	after, err := write.Apply(before)
	if err != nil {
		return err
	}
	if write, err = b.seen(write, before); err != nil {
		return err
	}
	entry := journal.NewEntry(before, after)
	if entry.Form == journal.Whole {
		entry.Data = bytes.Clone(entry.Data)
	}
	id := before.Lookup("_id")
	id.Value = bytes.Clone(id.Value)
	b.due, b.entries = append(b.due, write), append(b.entries, journaledDocument{id, entry})
	b.bytes += len(before) + len(entry.Data)
	return nil
}

// wholeDocuments gives the documents with these ids that there are, as they are stored, by one query where the server
// looks up several ids as fast as one. Each is valid during the call only.
func wholeDocuments(
	ctx context.Context, r *mongodb.Reader, collection string, ids []bsonvalue.ID, each func(bson.Raw) error,
) error {
	if r.Facts().ScansForConditions {
		return r.Documents(ctx, collection, ids, nil, each)
	}
	raws := make([]bson.RawValue, len(ids))
	for i, id := range ids {
		raws[i] = id.Raw()
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: raws}}}}
	return r.Find(ctx, driver.Key{}, collection, filter, options.Find().SetBatchSize(int32(len(ids)+1)), each)
}
