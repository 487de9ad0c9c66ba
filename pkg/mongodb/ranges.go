package mongodb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Range is the documents of a collection behind a position, up to the one with a certain _id. The zero Range is the
// whole collection.
type Range struct {
	After Position `bson:"after"`
	// UpTo is the last _id of the range, an ObjectID; zero: the range has no end.
	UpTo bson.RawValue `bson:"upTo,omitempty"`
}

// Ranges cuts a collection into at most n ranges with about as many documents each, by a sample of its ids. Together
// they are the whole collection, and no document is in two: ids that are no ObjectIDs are in the last range. A sample
// that says nothing makes one range.
func Ranges(sample []bson.ObjectID, n int) []Range {
	ids := slices.Clone(sample)
	slices.SortFunc(ids, func(a, b bson.ObjectID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	n = max(min(n, len(ids)), 1)
	ranges := make([]Range, n)
	for i := 1; i < n; i++ {
		border := ids[i*len(ids)/n]
		id := bson.RawValue{Type: bson.TypeObjectID, Value: border[:]}
		ranges[i-1].UpTo, ranges[i].After.Last = id, id
	}
	return ranges
}

const (
	// MaxRanges is how many ranges a collection is cut into at most, and sampleOfRange how many ids are asked for each:
	// as many as make the largest range about twice the smallest.
	MaxRanges     = 256
	sampleOfRange = 16
	// documentsOfRange are not worth a cursor of their own.
	documentsOfRange = 25_000
)

// Ranges cuts a collection into at most n ranges, as the server's own sample of the ids says. It is one range where the
// server had better be read by one cursor, where the collection is small, and where there is no sample.
func (r *Reader) Ranges(ctx context.Context, collection string, n int) ([]Range, error) {
	if r.facts.MaxCursors < 2 {
		return Ranges(nil, 1), nil
	}
	n = min(n, int(r.Estimate(ctx, collection)/documentsOfRange))
	if n < 2 {
		return Ranges(nil, 1), nil
	}
	sample, err := r.sampleIDs(ctx, collection, n*sampleOfRange)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("sample the ids of %s: %w", collection, err)
	}
	return Ranges(sample, n), nil // without a sample, after an error, the collection is read as a whole
}

// sampleWithin is how long a server may choose a sample. It reads the whole collection where it cannot use a random
// cursor, which takes longer than the ranges gain.
const sampleWithin = 30 * time.Second

// sampleIDs is about n of a collection's ObjectIDs, as the server chooses them.
func (r *Reader) sampleIDs(ctx context.Context, collection string, n int) (ids []bson.ObjectID, err error) {
	stages := bson.A{
		bson.D{{Key: "$sample", Value: bson.D{{Key: "size", Value: n}}}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 1}}}},
	}
	cursor, err := r.aggregate(ctx, collection, stages, sampleWithin)
	if err != nil {
		return nil, err
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(unbounded{ctx}) {
		if id, ok := cursor.Current.Lookup("_id").ObjectIDOK(); ok {
			ids = append(ids, id)
		}
	}
	return ids, cursor.Err()
}
