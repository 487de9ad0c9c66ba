package mongodb

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// foldedPairs are texts that differ, of which every collation finds at least one pair equal: the first two those that
// ignore case and those that order digits as numbers, the third all but "identical" (ICU ignores a soft hyphen), and
// the last that one as well, which looks at the normalized form.
// https://www.mongodb.com/docs/manual/reference/collation/, https://unicode.org/reports/tr10/#Variable_Weighting
var foldedPairs = [][2]string{{"a", "A"}, {"1", "01"}, {"a", "a\u00ad"}, {"\u00e9", "e\u0301"}}

// folding is what is known of the collections' default collations.
type folding struct {
	mu    sync.Mutex
	known map[string]bool
}

// Folds tells whether a collection finds texts equal that differ, as one with a default collation does. It asks the
// server once for each collection, in the rights of who may read it, and a collection without documents does not fold.
func (r *Reader) Folds(ctx context.Context, collection string) (bool, error) {
	r.folding.mu.Lock()
	defer r.folding.mu.Unlock()
	if folds, known := r.folding.known[collection]; known || r.facts.IsFerretDB1() {
		return folds, nil
	}
	folds, err := r.findFolded(ctx, collection)
	if err != nil && !connection.IsQueryFault(err) {
		return false, fmt.Errorf("ask how %s compares texts: %w", collection, err)
	}
	r.folding.known[collection] = folds
	return folds, nil
}

// foldsWithin is how long the server may take to compare constants for one document.
const foldsWithin = time.Minute

// findFolded counts, of one document, those for which two of the texts are equal. A server that cannot answer has no
// collations.
func (r *Reader) findFolded(ctx context.Context, collection string) (folds bool, err error) {
	var either bson.A
	for _, pair := range foldedPairs {
		either = append(either, bson.D{{Key: "$eq", Value: bson.A{pair[0], pair[1]}}})
	}
	equal := bson.D{{Key: "$expr", Value: bson.D{{Key: "$or", Value: either}}}}
	count := bson.D{{Key: "_id", Value: 1}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}}
	// As a command, since the driver sends no bound with what gives a cursor, and without a deadline, of which it would
	// make a second bound.
	var answer struct {
		Cursor struct {
			FirstBatch []bson.Raw `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	err = r.db.RunCommand(unbounded{ctx}, bson.D{
		{Key: "aggregate", Value: collection},
		{Key: "pipeline", Value: bson.A{
			bson.D{{Key: "$limit", Value: 1}}, bson.D{{Key: "$match", Value: equal}}, bson.D{{Key: "$group", Value: count}},
		}},
		{Key: "cursor", Value: bson.D{}},
		{Key: "maxTimeMS", Value: foldsWithin.Milliseconds()},
	}).Decode(&answer)
	return len(answer.Cursor.FirstBatch) > 0, err
}

// exactly is the collation for comparing with what was read: simple where the collection folds, so that a value which
// differs in case only is another one; nil elsewhere, where nothing needs to be said.
func (r *Reader) exactly(ctx context.Context, collection string) (*options.Collation, error) {
	if folds, err := r.Folds(ctx, collection); err != nil || !folds {
		return nil, err
	}
	return &options.Collation{Locale: "simple"}, nil
}

// exactlyWhere is exactly where values are compared; where only ids are, nothing needs to be asked.
func (r *Reader) exactlyWhere(ctx context.Context, collection string, compared bool) (*options.Collation, error) {
	if !compared {
		return nil, nil
	}
	return r.exactly(ctx, collection)
}
