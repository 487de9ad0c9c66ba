package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Census says what the server is asked about a collection: how many documents there are of each kind, and which of them
// are the newest. The server reads the collection, and sends one line for each kind.
type Census struct {
	Collection string
	// Entries is a field with a map, whose entries are counted instead of the documents, by their keys; empty: documents
	// are counted, by the value of Key.
	Entries, Key string
	// Value and Stamp are fields of a document, or of an entry.
	Value, Stamp string
}

// Kind is the documents or entries with one key and with the same types of Value and Stamp.
type Kind struct {
	Of struct {
		Key   bson.RawValue `bson:"key,omitempty"`
		Value string        `bson:"value"` // a type as $type names it, such as array or missing
		Stamp string        `bson:"stamp"`
	} `bson:"_id"`
	Count    int64         `bson:"count"`
	Newest   bson.RawValue `bson:"newest"`   // the greatest Stamp
	Greatest bson.RawValue `bson:"greatest"` // the greatest _id
}

// maxKinds is how many kinds are still an answer. A library has a few.
const maxKinds = 1000

// Census asks for the kinds in a collection, in no particular order. It is an error where there are more than 1000, and
// where the server does not answer within CountWithin.
func (r *Reader) Census(ctx context.Context, c Census) (kinds []Kind, err error) {
	ctx, cancel := context.WithTimeout(ctx, CountWithin)
	defer cancel()
	cursor, err := r.aggregate(ctx, c.Collection, c.stages(), CountWithin)
	if err != nil {
		return nil, fmt.Errorf("count what is in %s: %w", c.Collection, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(unbounded{ctx}) {
		var k Kind
		if err := cursor.Decode(&k); err != nil {
			return nil, fmt.Errorf("count what is in %s: %w", c.Collection, err)
		}
		if kinds = append(kinds, k); len(kinds) > maxKinds {
			return nil, fmt.Errorf("count what is in %s: there are more than %d kinds", c.Collection, maxKinds)
		}
	}
	return kinds, cursor.Err()
}

// stages group the documents, or the entries of each. A map that is none makes the server refuse.
func (c Census) stages() bson.A {
	if c.Entries == "" {
		return bson.A{group("$"+c.Key, "$"+c.Value, "$"+c.Stamp)}
	}
	entries := bson.D{{Key: "entry", Value: bson.D{{Key: "$objectToArray", Value: "$" + c.Entries}}}}
	return bson.A{
		bson.D{{Key: "$project", Value: entries}},
		bson.D{{Key: "$unwind", Value: "$entry"}},
		group("$entry.k", "$entry.v."+c.Value, "$entry.v."+c.Stamp),
	}
}

func group(key, value, stamp string) bson.D {
	typeOf := func(field string) bson.D { return bson.D{{Key: "$type", Value: field}} }
	return bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: bson.D{{Key: "key", Value: key}, {Key: "value", Value: typeOf(value)},
			{Key: "stamp", Value: typeOf(stamp)}}},
		{Key: "count", Value: bson.D{{Key: "$sum", Value: 1}}},
		{Key: "newest", Value: bson.D{{Key: "$max", Value: stamp}}},
		{Key: "greatest", Value: bson.D{{Key: "$max", Value: "$_id"}}},
	}}}
}

// Values gives the different values of a field, each once, in no particular order; it is for the packages below this
// one. A value is valid during the call only.
func (r *Reader) Values(
	ctx context.Context, _ driver.Key, collection, field string, each func(bson.RawValue),
) error {
	ctx, cancel := context.WithTimeout(ctx, CountWithin)
	defer cancel()
	stages := bson.A{bson.D{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$" + field}}}}}
	cursor, err := r.aggregate(ctx, collection, stages, CountWithin)
	if err != nil {
		return fmt.Errorf("list the values of %s in %s: %w", field, collection, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(unbounded{ctx}) {
		each(cursor.Current.Lookup("_id"))
	}
	return cursor.Err()
}

// IsEmpty tells whether a collection has no documents.
func (r *Reader) IsEmpty(ctx context.Context, collection string) (bool, error) {
	id, err := r.Greatest(ctx, collection)
	return err == nil && id.IsZero(), err
}

// Greatest is the greatest _id of a collection; zero where there is no document.
func (r *Reader) Greatest(ctx context.Context, collection string) (id bson.RawValue, err error) {
	find := options.Find().SetProjection(projection([]string{"_id"})).SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(1)
	err = r.Find(ctx, driver.Key{}, collection, bson.D{}, find, func(doc bson.Raw) error {
		found := doc.Lookup("_id")
		id = bson.RawValue{Type: found.Type, Value: append([]byte(nil), found.Value...)}
		return nil
	})
	return id, err
}
