package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// fewIDs is how many lookups by _id are still cheaper than reading a whole collection where the server has no other way.
const fewIDs = 200

// Existing is which of ids have a document in the collection now. It is the second look before something is taken for gone.
func (r *Reader) Existing(ctx context.Context, collection string, ids []ID) (*IDSet, error) {
	found := &IDSet{}
	if r.facts.PageByID {
		return found, r.existingByBatches(ctx, collection, ids, found)
	}
	if len(ids) <= fewIDs {
		return found, r.existingOneByOne(ctx, collection, ids, found)
	}
	asked := &IDSet{}
	for _, id := range ids {
		asked.Add(id)
	}
	err := r.Scan(ctx, collection, ScanOptions{Fields: []string{"_id"}}, func(doc bson.Raw) error {
		if id := Reference(doc, "_id"); asked.Has(id) {
			found.Add(id)
		}
		return nil
	})
	return found, err
}

func (r *Reader) existingByBatches(ctx context.Context, collection string, ids []ID, found *IDSet) error {
	for batch := range slices.Chunk(ids, 1000) {
		filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: raws(batch)}}}}
		err := r.Scan(ctx, collection, ScanOptions{Fields: []string{"_id"}, Filter: filter}, func(doc bson.Raw) error {
			found.Add(Reference(doc, "_id"))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// existingOneByOne serves FerretDB 1, which looks up an exact _id and scans everything for any other filter.
func (r *Reader) existingOneByOne(ctx context.Context, collection string, ids []ID, found *IDSet) error {
	for _, id := range ids {
		doc, err := r.Document(ctx, collection, id)
		if err != nil {
			return err
		}
		if doc != nil {
			found.Add(id)
		}
	}
	return nil
}

// StillMissing is which of the suspects have no document in the collection now.
func (r *Reader) StillMissing(ctx context.Context, collection string, suspects []ID) (*IDSet, error) {
	gone := &IDSet{}
	if len(suspects) == 0 {
		return gone, nil
	}
	found, err := r.Existing(ctx, collection, suspects)
	if err != nil {
		return nil, err
	}
	for _, id := range suspects {
		if !found.Has(id) {
			gone.Add(id)
		}
	}
	return gone, nil
}
