package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// fewIDs is how many lookups by _id are still cheaper than reading a whole collection where the server has no other way.
const fewIDs = 200

// Existing is which of ids have a document in the collection now. It is the second look before something is taken for gone.
func (r *Reader) Existing(ctx context.Context, collection string, ids []bsonvalue.ID) (*bsonvalue.IDSet, error) {
	found := &bsonvalue.IDSet{}
	err := r.Documents(ctx, collection, ids, []string{"_id"}, func(doc bson.Raw) error {
		found.Add(bsonvalue.Reference(doc, "_id"))
		return nil
	})
	return found, err
}

// Documents gives the documents with these ids that there are to each, in no particular order and at least with their
// _id and the fields that are named. Each is valid during the call only; an error of it ends the reading and comes
// back as it is.
func (r *Reader) Documents(
	ctx context.Context, collection string, ids []bsonvalue.ID, fields []string, each func(bson.Raw) error,
) error {
	switch {
	case r.facts.PageByID:
		return r.documentsByBatches(ctx, collection, ids, fields, each)
	case len(ids) <= fewIDs:
		return r.documentsOneByOne(ctx, collection, ids, each)
	}
	asked := &bsonvalue.IDSet{}
	for _, id := range ids {
		asked.Add(id)
	}
	return r.Scan(ctx, collection, ScanOptions{Fields: fields}, func(doc bson.Raw) error {
		if asked.Has(bsonvalue.Reference(doc, "_id")) {
			return each(doc)
		}
		return nil
	})
}

func (r *Reader) documentsByBatches(
	ctx context.Context, collection string, ids []bsonvalue.ID, fields []string, each func(bson.Raw) error,
) error {
	for batch := range slices.Chunk(ids, 1000) {
		filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: raws(batch)}}}}
		if err := r.Scan(ctx, collection, ScanOptions{Fields: fields, Filter: filter}, each); err != nil {
			return err
		}
	}
	return nil
}

// documentsOneByOne serves FerretDB 1, which looks up an exact _id and scans everything for any other filter.
func (r *Reader) documentsOneByOne(ctx context.Context, collection string, ids []bsonvalue.ID, each func(bson.Raw) error) error {
	for _, id := range ids {
		doc, err := r.Document(ctx, collection, id)
		if err != nil {
			return err
		}
		if doc == nil {
			continue
		}
		if err := each(doc); err != nil {
			return err
		}
	}
	return nil
}
