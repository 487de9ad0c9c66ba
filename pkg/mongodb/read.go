package mongodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// CountWithin is how long a server may count.
const CountWithin = 10 * time.Minute

// Count is how many documents match filter, counted by the server. A filter that the server cannot run, or not within
// CountWithin, is a *QueryError, and what passes is none.
func (r *Reader) Count(ctx context.Context, collection string, filter any) (int64, error) {
	bounded, cancel := context.WithTimeout(ctx, CountWithin)
	defer cancel()
	n, err := r.db.Collection(collection).CountDocuments(bounded, filter)
	callers, _ := ctx.Deadline()
	own, _ := bounded.Deadline()
	switch {
	case err == nil:
		return n, nil
	case ctx.Err() == nil && !own.Equal(callers) && connection.IsTimeout(err):
		return 0, &connection.QueryError{Cause: fmt.Errorf("it took longer than %s: create an index for it, or make it "+
			"simpler", CountWithin)}
	case ctx.Err() == nil && connection.IsQueryFault(err):
		return 0, &connection.QueryError{Cause: err}
	default:
		return 0, fmt.Errorf("count in %s: %w", collection, err)
	}
}

// Document is one document as it is stored, byte by byte, or nil where there is none with exactly that id.
func (r *Reader) Document(ctx context.Context, collection string, id bsonvalue.ID) (bson.Raw, error) {
	doc, err := r.first(ctx, collection, id)
	if err != nil || doc == nil || bsonvalue.Reference(doc, "_id") != id {
		return nil, err
	}
	return doc, nil
}

// first is the document whose id the collection finds equal to id, or nil.
func (r *Reader) first(ctx context.Context, collection string, id bsonvalue.ID) (bson.Raw, error) {
	if !id.Identifies() {
		return nil, nil
	}
	raw, err := r.db.Collection(collection).FindOne(ctx, bson.D{{Key: "_id", Value: id.Raw()}}, options.FindOne()).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a document of %s: %w", collection, err)
	}
	return raw, nil
}

// aggregate gives the answer to an aggregation, for which the server may take so long. It is sent as a command, since
// the driver sends no bound with what gives a cursor; a context with a deadline would have the driver send a second
// one.
func (r *Reader) aggregate(
	ctx context.Context, collection string, stages bson.A, within time.Duration,
) (*mongo.Cursor, error) {
	return r.db.RunCommandCursor(unbounded{ctx}, bson.D{
		{Key: "aggregate", Value: collection},
		{Key: "pipeline", Value: stages},
		{Key: "cursor", Value: bson.D{}},
		{Key: "readConcern", Value: bson.D{{Key: "level", Value: "majority"}}},
		{Key: "maxTimeMS", Value: within.Milliseconds()},
	}, options.RunCmd().SetReadPreference(r.reads))
}
