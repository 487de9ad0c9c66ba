package mongodb

import (
	"context"
	"math"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Position is a place in a scan by pages, in the order of _id. The zero Position is the beginning. It is a value that a
// checkpoint can store as BSON.
type Position struct {
	// Last is the _id of the last document that was visited.
	Last bson.RawValue `bson:"last,omitempty"`
	// Done are the BSON types whose ids were all visited before Last's.
	Done []int32 `bson:"done,omitempty"`
}

// IsStart tells whether p is the beginning.
func (p Position) IsStart() bool { return p.Last.IsZero() && len(p.Done) == 0 }

// scanPages reads in pages, each one query of its own.
//
// A comparison such as {$gt: last} only ever matches values of last's own type bracket (all numbers are one), so a collection
// whose ids have several types cannot be paged by $gt alone: it would end silently after the first bracket. When a bracket has
// no more, its types are noted as done and the next query asks for ids of any other type.
func (r *Reader) scanPages(ctx context.Context, collection string, o ScanOptions, each func(bson.Raw) error) error {
	if o.PageSize <= 0 {
		o.PageSize = DefaultPageSize
	}
	at := o.After
	for {
		next, n, err := r.page(ctx, collection, o, at, each)
		if err != nil {
			return err
		}
		if n > 0 && o.Visited != nil {
			if err := o.Visited(next); err != nil {
				return err
			}
		}
		ended := n < o.PageSize
		if ended && at.Last.IsZero() {
			return nil // nothing of any other type was left
		}
		if ended {
			next = next.bracketDone()
		}
		at = next
	}
}

// page reads one page behind at, and says where it ended.
func (r *Reader) page(
	ctx context.Context, collection string, o ScanOptions, at Position, each func(bson.Raw) error,
) (Position, int, error) {
	find := options.Find().SetProjection(projection(o.Fields)).SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(o.PageSize))
	behind := at.filter(r.facts)
	filter := bson.D{{Key: "$and", Value: bson.A{behind, o.Filter}}}
	if f, ok := o.Filter.(bson.D); ok && len(f) == 0 {
		filter = behind
	}
	n := 0
	err := r.Find(ctx, driver.Key{}, collection, filter, find, func(doc bson.Raw) error {
		if err := each(doc); err != nil {
			return err
		}
		n++
		at = at.moveTo(doc.Lookup("_id"))
		return nil
	})
	return at, n, err
}

// filter selects what is behind p: the rest of the bracket that Last is in, or, between brackets, all that is not done.
func (p Position) filter(f connection.Facts) bson.D {
	switch {
	case p.IsStart():
		return bson.D{}
	case p.Last.IsZero():
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$type", Value: knownTypes(f, p.Done)}}}}}}
	case isNaN(p.Last): // nothing is greater than NaN, but NaN is the least number
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: math.Inf(-1)}}}}
	}
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: p.Last}}}}
}

// moveTo is p after id was visited.
func (p Position) moveTo(id bson.RawValue) Position {
	done := p.Done
	if !p.Last.IsZero() && !slices.Contains(bracket(p.Last.Type), int32(int8(id.Type))) {
		done = p.bracketDone().Done
	}
	return Position{Last: bson.RawValue{Type: id.Type, Value: slices.Clone(id.Value)}, Done: done}
}

// bracketDone is p when nothing of Last's bracket is left.
func (p Position) bracketDone() Position {
	return Position{Done: slices.Concat(p.Done, bracket(p.Last.Type))}
}

// bracket is the types that compare with t.
func bracket(t bson.Type) []int32 {
	brackets := [][]bson.Type{
		{bson.TypeDouble, bson.TypeInt32, bson.TypeInt64, bson.TypeDecimal128},
		{bson.TypeString, bson.TypeSymbol},
	}
	for _, b := range brackets {
		if slices.Contains(b, t) {
			return codes(b)
		}
	}
	return codes([]bson.Type{t})
}

// codes are the types as $type wants them: MinKey is -1 there.
func codes(types []bson.Type) []int32 {
	out := make([]int32, len(types))
	for i, t := range types {
		out[i] = int32(int8(t))
	}
	return out
}

// knownTypes is types without those that the server does not know, and so does not store: FerretDB 1 refuses their codes.
func knownTypes(f connection.Facts, types []int32) []int32 {
	if !f.IsFerretDB1() {
		return types
	}
	return slices.DeleteFunc(slices.Clone(types), func(t int32) bool {
		return t == int32(bson.TypeDecimal128) || t == int32(bson.TypeSymbol)
	})
}

func isNaN(v bson.RawValue) bool {
	if f, ok := v.DoubleOK(); ok {
		return math.IsNaN(f)
	}
	d, ok := v.Decimal128OK()
	return ok && d.IsNaN()
}
