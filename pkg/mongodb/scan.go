package mongodb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
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
	// UpTo is the last _id to read, in a scan by pages: an ObjectID, as that of After is, if it has one; zero: there is
	// no end. No id of another type is read then.
	UpTo bson.RawValue
	// Used is called after each batch with the number of its documents, for a progress bar. In ScanParts several
	// goroutines call it.
	Used func(documents int64)
	// Visited is called after each batch with the position up to which every document was given to each; a scan may
	// be taken up again from there. It is called only in a scan by pages.
	Visited func(Position) error
	// Paged forces reading by pages on a server where one cursor is better; a scan with After, UpTo or Visited needs it.
	Paged bool
	// PageTime is how long one query is read before the next one goes on from there; 0: DefaultPageTime.
	PageTime time.Duration
	// BatchSize is the documents that the server sends at a time, at most; 0: DefaultBatchSize.
	BatchSize int

	whole bool // all documents are read, and nobody waits for the first batch
}

// DefaultPageTime keeps a page far below the 30 minutes that a cursor lives. It is a time and no number of documents,
// since FerretDB 2 sorts all that is left for each page.
const DefaultPageTime = 10 * time.Minute

// DefaultBatchSize is a megabyte of a few fields. A server sends less where documents are large.
const DefaultBatchSize = 5000

// maxBatchOfFerretDB1 is what FerretDB 1 sends when it is not asked for a number. It does not look at the size.
const maxBatchOfFerretDB1 = 250

// firstBatch is how many documents come with the answer to the query itself. A whole collection begins with few, which
// show how large its documents are.
func (o ScanOptions) firstBatch() int {
	if o.whole {
		return min(o.BatchSize, fewDocuments)
	}
	return o.BatchSize
}

const fewDocuments = 100

// Scan gives every document of a collection to each, once and in no particular order, whatever the types of its ids
// are. The document is valid during the call only. An error of each ends the scan and comes back as it is. Documents
// that are written while the scan runs may or may not be seen. The next documents are fetched while each is called
// with those before.
func (r *Reader) Scan(ctx context.Context, collection string, o ScanOptions, each func(bson.Raw) error) error {
	o = o.withDefaults(r.facts)
	fetch := r.fetchAll
	if r.facts.PageByID || o.Paged {
		fetch = r.fetchPages
	}
	return prefetch(ctx, maxBatch, func(ctx context.Context, p *pipe) error {
		return fetch(ctx, collection, o, p)
	}, func(b *batch) error {
		if err := b.each(each); err != nil {
			return err
		}
		if o.used(b); b.at.IsStart() || o.Visited == nil {
			return nil
		}
		return o.Visited(b.at)
	})
}

func (o ScanOptions) used(b *batch) {
	if o.Used != nil {
		o.Used(int64(b.len()))
	}
}

func (o ScanOptions) withDefaults(f connection.Facts) ScanOptions {
	o.whole = o.Filter == nil && o.Visited == nil
	if o.Filter == nil {
		o.Filter = bson.D{}
	}
	if o.PageTime == 0 {
		o.PageTime = DefaultPageTime
	}
	if o.BatchSize == 0 {
		o.BatchSize = DefaultBatchSize
	}
	if f.IsFerretDB1() {
		o.BatchSize = min(o.BatchSize, maxBatchOfFerretDB1)
	}
	return o
}

// fetchAll reads a collection with one cursor.
func (r *Reader) fetchAll(ctx context.Context, collection string, o ScanOptions, p *pipe) error {
	_, err := r.fetch(ctx, collection, o, options.Find(), p, func(*batch) bool { return true })
	return err
}

// fetch passes on what one query finds, batch by batch, until each wants no more; ended tells that there are no more.
func (r *Reader) fetch(
	ctx context.Context, collection string, o ScanOptions, find *options.FindOptionsBuilder, p *pipe,
	each func(*batch) (more bool),
) (ended bool, err error) {
	find.SetProjection(projection(o.Fields)).SetBatchSize(int32(o.firstBatch()))
	c, err := r.open(ctx, collection, o.Filter, find)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", collection, err)
	}
	defer c.close(context.WithoutCancel(ctx))
	for size, more := o.BatchSize, true; more; {
		b := p.empty()
		if err := c.next(ctx, b, size); err != nil {
			return false, fmt.Errorf("read %s: %w", collection, err)
		}
		n := b.len()
		if n == 0 {
			return true, nil
		}
		size, more = p.sizeAfter(b, o.BatchSize), each(b)
		if err := p.pass(ctx); err != nil {
			return false, err
		}
		if err := r.conn.Throttle().Documents(ctx, n); err != nil {
			return false, err
		}
	}
	return false, nil
}

// Find streams the result of one query; it is for the packages below this one.
func (r *Reader) Find(
	ctx context.Context, _ driver.Key, collection string, filter any, o *options.FindOptionsBuilder,
	each func(bson.Raw) error,
) error {
	cursor, err := r.db.Collection(collection).Find(ctx, filter, o)
	if err != nil {
		return fmt.Errorf("read %s: %w", collection, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for n := 1; cursor.Next(ctx); n++ {
		if err := each(cursor.Current); err != nil {
			return err
		}
		if cursor.RemainingBatchLength() > 0 { // of those that the server sent at a time
			continue
		}
		if err := r.conn.Throttle().Documents(ctx, n); err != nil {
			return err
		}
		n = 0
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
	for i, f := range fields {
		if !slices.Contains(fields[:i], f) { // MongoDB refuses a projection that names a field twice
			p = append(p, bson.E{Key: f, Value: 1})
		}
	}
	return p
}

// Estimate is about how many documents a collection has, 0 where that is not known: the total for a progress bar,
// never a basis of a decision.
func (r *Reader) Estimate(ctx context.Context, collection string) int64 {
	if r.facts.IsFerretDB1() {
		return r.stats(ctx, collection).Count
	}
	n, err := r.db.Collection(collection).EstimatedDocumentCount(ctx)
	if err != nil {
		return 0
	}
	return n
}

// Size is about how many bytes the documents of a collection have, 0 where that is not known.
func (r *Reader) Size(ctx context.Context, collection string) int64 {
	return r.stats(ctx, collection).Size
}

type stats struct {
	Count int64 `bson:"count"`
	Size  int64 `bson:"size"`
}

// stats also serve for a count on FerretDB 1, which reads every document for one.
func (r *Reader) stats(ctx context.Context, collection string) (s stats) {
	if err := r.conn.Run(ctx, collection, bson.D{{Key: "collStats", Value: collection}}, &s); err != nil {
		return stats{}
	}
	return stats{max(0, s.Count), max(0, s.Size)}
}
