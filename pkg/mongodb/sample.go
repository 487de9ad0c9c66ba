package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Sample is about n whole documents of a collection, the oldest and the newest ones as their ids go, each once. It is
// no random choice, and it is cheap: it uses the index of _id.
func (r *Reader) Sample(ctx context.Context, collection string, n int) (docs []bson.Raw, err error) {
	half := int64(n+1) / 2
	oldest, newest := options.Find().SetLimit(half), options.Find().SetLimit(half)
	if r.facts.PageByID {
		oldest, newest = oldest.SetSort(bson.D{{Key: "_id", Value: 1}}), newest.SetSort(bson.D{{Key: "_id", Value: -1}})
	} else { // FerretDB 1 would read and sort everything; it gives documents in the order in which they came
		newest = newest.SetSkip(max(half, r.Estimate(ctx, collection)-half))
	}
	seen := &bsonvalue.IDSet{}
	keep := func(doc bson.Raw) error {
		if seen.Add(bsonvalue.Reference(doc, "_id")) {
			docs = append(docs, slices.Clone(doc))
		}
		return nil
	}
	if err := r.Find(ctx, driver.Key{}, collection, bson.D{}, oldest, keep); err != nil {
		return nil, err
	}
	return docs, r.Find(ctx, driver.Key{}, collection, bson.D{}, newest, keep)
}
