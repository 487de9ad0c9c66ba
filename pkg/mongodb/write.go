package mongodb

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Update sets fields of one document to absolute values, so that doing it twice is doing it once.
type Update struct {
	ID     bsonvalue.ID
	Fields []Field
}

// Field is one field's change. The document is left alone unless every field still holds its Old value.
type Field struct {
	Name string
	Old  bsonvalue.Value // the zero Value: there is no such field
	New  any             // the zero Value of bsonvalue: the field is removed
}

// Updates are those that some items make of themselves.
func Updates[T interface{ Update() Update }](items []T) []Update {
	updates := make([]Update, len(items))
	for i, item := range items {
		updates[i] = item.Update()
	}
	return updates
}

func (f Field) removes() bool { return f.New == any(bsonvalue.Value{}) }

// Written is what became of a batch of writes.
type Written struct {
	// Matched is the documents that were still as expected, Modified those that are different now, Conflicts those that
	// had changed meanwhile, or gone, and were left alone, Refused those that the server refused to change; see
	// Writer.TakeRefusals.
	Matched, Modified, Conflicts, Refused int64
}

// Plus is the sum.
func (w Written) Plus(v Written) Written {
	return Written{w.Matched + v.Matched, w.Modified + v.Modified, w.Conflicts + v.Conflicts, w.Refused + v.Refused}
}

// Update applies updates in commands of as many as the server takes. On an error, Written is what was done until then.
func (w *Writer) Update(ctx context.Context, collection string, updates []Update) (Written, error) {
	if w.comparesFirst(ctx, collection) {
		return w.updateOneByOne(ctx, collection, updates)
	}
	exactly, err := w.exactly(ctx, collection)
	if err != nil {
		return Written{}, err
	}
	models := make([]mongo.WriteModel, 0, w.facts.MaxUpdates)
	var total Written
	for batch := range inBatches(updates, w.facts.MaxUpdates) {
		models = models[:0]
		for _, u := range batch {
			model := u.model(w.facts.MaxStatement, exactly)
			if w.refused.tooLarge(collection, u, model) {
				total.Refused++
				continue
			}
			models = append(models, model)
		}
		if len(models) == 0 {
			continue
		}
		done, err := w.Bulk(ctx, driver.Key{}, collection, models)
		total = total.Plus(done)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Bulk sends some operations in one batch, in any order; it is for the packages below this one.
func (w *Writer) Bulk(
	ctx context.Context, _ driver.Key, collection string, models []mongo.WriteModel,
) (Written, error) {
	if err := w.conn.Throttle().Documents(ctx, len(models)); err != nil {
		return Written{}, err
	}
	if err := w.MayWrite(ctx, "write to", collection); err != nil {
		return Written{}, err
	}
	result, err := w.unordered(ctx, collection, models)
	var done Written
	if result != nil {
		done = Written{Matched: result.MatchedCount, Modified: result.ModifiedCount}
	}
	refused, err := w.refused.note(collection, models, err)
	if err != nil {
		return done, fmt.Errorf("write to %s: %w", collection, err)
	}
	done.Conflicts, done.Refused = int64(len(models))-done.Matched-refused, refused
	return done, nil
}

// unordered sends operations in any order; what it did until an error comes with that.
func (w *Writer) unordered(
	ctx context.Context, collection string, models []mongo.WriteModel,
) (result *mongo.BulkWriteResult, err error) {
	err = connection.Confirm(ctx, func(ctx context.Context) (err error) {
		result, err = w.db.Collection(collection).BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
		return err
	})
	return result, err
}

// Is is the condition that a field holds exactly v. A plain equality would not do: null also matches a missing field, a
// number and a type also match an array that holds one.
func Is(v bsonvalue.Value) bson.D {
	noArray := bson.E{Key: "$not", Value: bson.D{{Key: "$type", Value: int32(bson.TypeArray)}}}
	switch {
	case !v.Exists():
		return bson.D{{Key: "$exists", Value: false}}
	case !v.Refers(): // null, undefined
		return bson.D{{Key: "$type", Value: int32(v.Type())}, noArray}
	case v.Type() == bson.TypeArray:
		return bson.D{{Key: "$eq", Value: v.Raw()}}
	}
	return bson.D{{Key: "$eq", Value: v.Raw()}, noArray}
}

func raws(values []bsonvalue.Value) []bson.RawValue {
	out := make([]bson.RawValue, len(values))
	for i, v := range values {
		out[i] = v.Raw()
	}
	return out
}

// Deletion removes one document, unless one of the fields in If no longer holds that value, or unless the document is
// no longer As it was; a nil As is not compared.
type Deletion struct {
	ID bsonvalue.ID
	If map[string]bsonvalue.Value
	As bson.Raw
}

// DeletionOf removes a document while these fields hold what they hold in doc.
func DeletionOf(doc bson.Raw, fields []string) Deletion {
	x := Deletion{ID: bsonvalue.Reference(doc, "_id"), If: map[string]bsonvalue.Value{}}
	for _, name := range fields {
		x.If[name] = bsonvalue.Reference(doc, name)
	}
	return x
}

// Delete removes documents, in commands of as many as the server takes, and returns how many were removed. Whoever
// deletes a user's document writes it to the journal first.
func (w *Writer) Delete(ctx context.Context, collection string, deletions []Deletion) (deleted int64, err error) {
	if w.comparesFirst(ctx, collection) {
		return w.deleteOneByOne(ctx, collection, deletions)
	}
	exactly, err := w.exactlyWhere(ctx, collection, slices.ContainsFunc(deletions, Deletion.compares))
	if err != nil {
		return 0, err
	}
	for batch := range slices.Chunk(deletions, w.facts.MaxDeletes) {
		models := make([]mongo.WriteModel, len(batch))
		for i, x := range batch {
			models[i] = mongo.NewDeleteOneModel().SetFilter(x.filter()).SetCollation(exactly)
		}
		n, err := w.deleteBatch(ctx, collection, models)
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

func (w *Writer) deleteBatch(ctx context.Context, collection string, models []mongo.WriteModel) (deleted int64,
	err error) {
	if err := w.conn.Throttle().Documents(ctx, len(models)); err != nil {
		return 0, err
	}
	if err := w.MayWrite(ctx, "delete from", collection); err != nil {
		return 0, err
	}
	result, err := w.unordered(ctx, collection, models)
	if result != nil {
		deleted = result.DeletedCount
	}
	if _, err := w.refused.note(collection, models, err); err != nil {
		return deleted, fmt.Errorf("delete from %s: %w", collection, err)
	}
	return deleted, nil
}

// compares tells whether the deletion rests on more than the id.
func (x Deletion) compares() bool { return len(x.If) > 0 || x.As != nil }

func (x Deletion) filter() bson.D {
	filter := bson.D{{Key: "_id", Value: x.ID.Raw()}}
	if x.As != nil {
		return append(filter, whole(x.As)) // which implies If
	}
	for name, v := range x.If {
		filter = append(filter, bson.E{Key: name, Value: Is(v)})
	}
	return filter
}
