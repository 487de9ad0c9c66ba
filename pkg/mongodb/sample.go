package mongodb

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Sample gives about n whole documents of a collection, each once: a third are the oldest ones as their ids go, a third
// the newest ones, and a third lie anywhere between. It costs three short commands, or one where the collection is
// small. Each document is valid during the call only.
func (r *Reader) Sample(ctx context.Context, collection string, n int, each func(bson.Raw) error) error {
	s := &sampling{Reader: r, collection: collection, third: int64(n+2) / 3, seen: &bsonvalue.IDSet{}, each: each}
	if r.facts.PageByID {
		return s.byID(ctx)
	}
	return s.byPlace(ctx)
}

// sampling is a sample that is being read.
type sampling struct {
	*Reader
	collection string
	third      int64
	seen       *bsonvalue.IDSet
	each       func(bson.Raw) error
}

// byID uses the index of _id for the ends, and the server's own sample for the middle. Where that fails, the ends must
// do.
func (s *sampling) byID(ctx context.Context) error {
	for i, direction := range []int{1, -1} {
		o := options.Find().SetLimit(s.third).SetSort(bson.D{{Key: "_id", Value: direction}})
		if err := s.find(ctx, o); err != nil || int64(s.seen.Len()) < int64(i+1)*s.third { // they are all that there are
			return err
		}
	}
	return s.between(ctx)
}

// middleWithin is how long a server may choose the middle of a sample. One that cannot use a random cursor reads the
// whole collection.
const middleWithin = 5 * time.Second

func (s *sampling) between(ctx context.Context) error {
	choose := bson.D{{Key: "$sample", Value: bson.D{{Key: "size", Value: s.third}}}}
	cursor, err := s.aggregate(ctx, s.collection, bson.A{choose}, middleWithin)
	if err == nil {
		defer cursor.Close(context.WithoutCancel(ctx))
		for cursor.Next(ctx) {
			if err := s.take(cursor.Current); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("sample %s: %w", s.collection, ctx.Err())
	}
	return nil
}

// places are where the middle of a sample is read by place, each a part of it.
const places = 4

// byPlace is for FerretDB 1, which has no sample of its own and would read and sort everything for an end. It gives
// documents in the order in which they came.
func (s *sampling) byPlace(ctx context.Context) error {
	if err := s.find(ctx, options.Find().SetLimit(s.third)); err != nil || int64(s.seen.Len()) < s.third {
		return err
	}
	documents, part := s.Estimate(ctx, s.collection), (s.third+places-1)/places
	for i := range int64(places) {
		at := max(s.third, documents*(i+1)/(places+1))
		if err := s.find(ctx, options.Find().SetSkip(at).SetLimit(part)); err != nil {
			return err
		}
	}
	return s.find(ctx, options.Find().SetSkip(max(s.third, documents-s.third)).SetLimit(s.third))
}

func (s *sampling) find(ctx context.Context, o *options.FindOptionsBuilder) error {
	return s.Find(ctx, driver.Key{}, s.collection, bson.D{}, o, s.take)
}

func (s *sampling) take(doc bson.Raw) error {
	if !s.seen.Add(bsonvalue.Reference(doc, "_id")) {
		return nil
	}
	return s.each(doc)
}
