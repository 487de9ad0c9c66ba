package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// InsertOnce adds a document whose _id the caller has chosen, and tells whether it was not there. It is safe to repeat.
func (w *Writer) InsertOnce(ctx context.Context, collection string, doc bson.D) (inserted bool, err error) {
	if err := w.MayWrite(ctx, "insert into", collection); err != nil {
		return false, err
	}
	err = connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := w.db.Collection(collection).InsertOne(ctx, doc)
		return err
	})
	switch {
	case mongo.IsDuplicateKeyError(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("insert into %s: %w", collection, err)
	}
	return true, nil
}
