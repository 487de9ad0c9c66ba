package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// ScanOptions say what Scan reads.
type ScanOptions struct {
	// Fields are the fields that a document comes with, besides its _id; none: all of them.
	Fields []string
	// Filter selects documents; nil: all.
	Filter any
	// After begins behind a position that an earlier scan of the same collection and filter gave to Visited.
	After Position
	// Visited is called with positions up to which every document was given to each; a scan may be taken up again
	// from there. It is called only in a scan by pages.
	Visited func(Position) error
	// Paged forces reading by pages on a server where one cursor is better; a scan with After or Visited needs it.
	Paged bool
	// PageSize is the documents of one page; 0: DefaultPageSize.
	PageSize int
}

// DefaultPageSize keeps a page far below the 30 minutes that a cursor lives.
const DefaultPageSize = 20_000

// Scan gives every document of a collection to each, once and in no particular order, whatever the types of its ids are. The
// document is valid during the call only. An error of each ends the scan and comes back as it is. Documents that are written
// while the scan runs may or may not be seen.
func (r *Reader) Scan(ctx context.Context, collection string, o ScanOptions, each func(bson.Raw) error) error {
	if o.Filter == nil {
		o.Filter = bson.D{}
	}
	if r.facts.PageByID || o.Paged {
		return r.scanPages(ctx, collection, o, each)
	}
	find := options.Find().SetProjection(projection(o.Fields))
	return r.Find(ctx, driver.Key{}, collection, o.Filter, find, each)
}

// Find streams the result of one query; it is for the packages below this one.
func (r *Reader) Find(
	ctx context.Context, _ driver.Key, collection string, filter any, o *options.FindOptionsBuilder, each func(bson.Raw) error,
) error {
	cursor, err := r.db.Collection(collection).Find(ctx, filter, o)
	if err != nil {
		return fmt.Errorf("read %s: %w", collection, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(ctx) {
		if err := each(cursor.Current); err != nil {
			return err
		}
	}
	if err := cursor.Err(); err != nil {
		return fmt.Errorf("read %s: %w", collection, err)
	}
	return nil
}

// projection is nil, which means whole documents, where no field is named.
func projection(fields []string) any {
	if len(fields) == 0 {
		return nil
	}
	p := bson.D{}
	for _, f := range fields {
		p = append(p, bson.E{Key: f, Value: 1})
	}
	return p
}

// Estimate is about how many documents a collection has, 0 where that is not known: the total for a progress bar, never a basis of
// a decision.
func (r *Reader) Estimate(ctx context.Context, collection string) int64 {
	if r.facts.IsFerretDB1() {
		return r.countOfStats(ctx, collection)
	}
	n, err := r.db.Collection(collection).EstimatedDocumentCount(ctx)
	if err != nil {
		return 0
	}
	return n
}

// countOfStats serves FerretDB 1, which reads every document for a count.
func (r *Reader) countOfStats(ctx context.Context, collection string) int64 {
	var stats struct {
		Count int64 `bson:"count"`
	}
	if err := r.conn.Run(ctx, collection, bson.D{{Key: "collStats", Value: collection}}, &stats); err != nil {
		return 0
	}
	return max(0, stats.Count)
}
