package mongodb

import (
	"context"
	"math"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Position is a place in a scan by pages, in the order of _id. The zero Position is the beginning. It is a value that
// a checkpoint can store as BSON.
type Position struct {
	// Last is the _id of the last document that was visited.
	Last bson.RawValue `bson:"last,omitempty"`
	// Done are the BSON types whose ids were all visited before Last's.
	Done []int32 `bson:"done,omitempty"`
}

// IsStart tells whether p is the beginning.
func (p Position) IsStart() bool { return p.Last.IsZero() && len(p.Done) == 0 }

// fetchPages reads in pages, each one query of its own that is read for so long.
//
// A comparison such as {$gt: last} only ever matches values of last's own type bracket (all numbers are one), so a
// collection whose ids have several types cannot be paged by $gt alone: it would end silently after the first
// bracket. When a bracket has no more, its types are noted as done and the next query asks for ids of the types that
// are left.
func (r *Reader) fetchPages(ctx context.Context, collection string, o ScanOptions, p *pipe) error {
	at := o.After
	for {
		next, ended, err := r.fetchPage(ctx, collection, o, at, p)
		switch {
		case err != nil:
			return err
		case ended && (at.Last.IsZero() || !o.UpTo.IsZero()): // the query was about all that was left, of every type
			return nil
		case ended:
			next = next.bracketDone()
		}
		if at = next; at.Last.IsZero() && len(at.typesLeft(r.facts)) == 0 {
			return nil
		}
	}
}

// fetchPage reads what is behind at, says where it ended, and whether it ended because there is no more.
func (r *Reader) fetchPage(
	ctx context.Context, collection string, o ScanOptions, at Position, p *pipe,
) (next Position, ended bool, err error) {
	find := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}})
	o.Filter = o.selecting(at.filter(r.facts))
	began, moved := time.Now(), false
	ended, err = r.fetch(ctx, collection, o, find, p, func(b *batch) (more bool) {
		at, moved = at.through(b), true
		b.at = at
		return time.Since(began) < o.PageTime
	})
	if moved && connection.HasCode(err, cursorNotFound) { // as after an election; the next page goes on
		return at, false, nil
	}
	return at, ended, err
}

// cursorNotFound is CursorNotFound: the server does not have the cursor, or no more.
const cursorNotFound = 43

// through is p after the documents of a batch.
func (p Position) through(b *batch) Position {
	for i := range b.len() {
		if b.idType(i) != p.Last.Type {
			p = p.moveTo(b.id(i))
		}
	}
	return p.moveTo(b.id(b.len() - 1))
}

// selecting is a filter that selects what is behind a position, and no more than the scan is about.
func (o ScanOptions) selecting(behind bson.D) bson.D {
	if !o.UpTo.IsZero() {
		behind = upTo(behind, o.UpTo)
	}
	if f, ok := o.Filter.(bson.D); ok && len(f) == 0 {
		return behind
	}
	return bson.D{{Key: "$and", Value: bson.A{behind, o.Filter}}}
}

// upTo adds an end to a filter on _id.
func upTo(behind bson.D, last bson.RawValue) bson.D {
	end := bson.E{Key: "$lte", Value: last}
	if len(behind) == 0 {
		return bson.D{{Key: "_id", Value: bson.D{end}}}
	}
	return bson.D{{Key: "_id", Value: append(behind[0].Value.(bson.D), end)}}
}

// filter selects what is behind p: the rest of the bracket that Last is in, or, between brackets, the types that
// are not done.
func (p Position) filter(f connection.Facts) bson.D {
	switch {
	case p.IsStart():
		return bson.D{}
	case p.Last.IsZero():
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$type", Value: p.typesLeft(f)}}}}
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

// idTypes are the types that an _id can have: no list, and no regular expression. Those in the second row FerretDB 1
// does not know, and so does not store; it refuses their codes.
var idTypes, idTypesBeyondFerretDB1 = []bson.Type{
	bson.TypeDouble, bson.TypeString, bson.TypeEmbeddedDocument, bson.TypeBinary, bson.TypeObjectID, bson.TypeBoolean,
	bson.TypeDateTime, bson.TypeNull, bson.TypeInt32, bson.TypeTimestamp, bson.TypeInt64,
}, []bson.Type{
	bson.TypeUndefined, bson.TypeDBPointer, bson.TypeJavaScript, bson.TypeSymbol, bson.TypeCodeWithScope,
	bson.TypeDecimal128,
	bson.TypeMinKey, bson.TypeMaxKey,
}

// typesLeft are the types whose ids were not all visited.
func (p Position) typesLeft(f connection.Facts) []int32 {
	left := codes(idTypes)
	if !f.IsFerretDB1() {
		left = append(left, codes(idTypesBeyondFerretDB1)...)
	}
	return slices.DeleteFunc(left, func(t int32) bool { return slices.Contains(p.Done, t) })
}

func isNaN(v bson.RawValue) bool {
	if f, ok := v.DoubleOK(); ok {
		return math.IsNaN(f)
	}
	d, ok := v.Decimal128OK()
	return ok && d.IsNaN()
}
