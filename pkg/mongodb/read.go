package mongodb

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Count is how many documents match filter, counted by the server. A filter that the server cannot run is a
// *QueryError, and what passes is none.
func (r *Reader) Count(ctx context.Context, collection string, filter any) (int64, error) {
	n, err := r.db.Collection(collection).CountDocuments(ctx, filter)
	if ctx.Err() == nil && connection.IsQueryFault(err) {
		return 0, &connection.QueryError{Cause: err}
	}
	if err != nil {
		return 0, fmt.Errorf("count in %s: %w", collection, err)
	}
	return n, nil
}

// Document is one document as it is stored, byte by byte, or nil where there is none with that id.
func (r *Reader) Document(ctx context.Context, collection string, id bsonvalue.ID) (bson.Raw, error) {
	raw, err := r.db.Collection(collection).FindOne(ctx, bson.D{{Key: "_id", Value: id.Raw()}}, options.FindOne()).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a document of %s: %w", collection, err)
	}
	return raw, nil
}
