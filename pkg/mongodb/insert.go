package mongodb

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// ErrRefused says that the server will not have a document; see Writer.TakeRefusals.
var ErrRefused = errors.New("the server refused the document")

// InsertOnce adds a document whose _id the caller has chosen, and tells whether it was not there. It is safe to repeat.
// A document that the server refuses is ErrRefused.
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
	case isRefusal(err):
		r, _ := bson.Marshal(doc) // the driver has sent it
		w.refused.add(collection, bsonvalue.Of(bson.Raw(r).Lookup("_id")), err.Error())
		return false, ErrRefused
	case err != nil:
		return false, fmt.Errorf("insert into %s: %w", collection, err)
	}
	return true, nil
}

// isRefusal tells whether a server refused a document for what it is, or because the collection is a view.
func isRefusal(err error) bool {
	var write mongo.WriteException
	document := errors.As(err, &write) && write.WriteConcernError == nil
	return (document || connection.HasCode(err, onView...)) && !connection.MayPass(err) &&
		!connection.IsAuthentication(err)
}
