package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// fewIDs is how many lookups by _id are still cheaper than reading a whole collection where the server has no other
// way.
const fewIDs = 200

// Existing is which of ids have a document in the collection now, as the collection itself compares: where its default
// collation ignores case, the document "a" is that of "A" as well. It is the second look before something is taken for
// gone.
func (r *Reader) Existing(ctx context.Context, collection string, ids []bsonvalue.ID) (*bsonvalue.IDSet, error) {
	found, alike := &bsonvalue.IDSet{}, false
	err := r.lookUp(ctx, collection, ids, []string{"_id"}, func(doc bson.Raw, exact bool) error {
		found.Add(bsonvalue.Reference(doc, "_id"))
		alike = alike || !exact
		return nil
	})
	if err != nil || !alike {
		return found, err
	}
	return found, r.addAlike(ctx, collection, ids, found)
}

// addAlike asks for each id on its own that may be equal to another one in this collection. It is for collections in
// which that has been seen.
func (r *Reader) addAlike(ctx context.Context, collection string, ids []bsonvalue.ID, found *bsonvalue.IDSet) error {
	for _, id := range identifying(ids) {
		if found.Has(id) || !id.Collates() {
			continue
		}
		doc, err := r.first(ctx, collection, id)
		if err != nil {
			return err
		}
		if doc != nil {
			found.Add(id)
		}
	}
	return nil
}

// Documents gives the documents with exactly these ids that there are to each, in no particular order and at least with
// their _id and the fields that are named. Each is valid during the call only; an error of it ends the reading and
// comes back as it is. What no document can have as its _id is not asked for.
func (r *Reader) Documents(
	ctx context.Context, collection string, ids []bsonvalue.ID, fields []string, each func(bson.Raw) error,
) error {
	return r.lookUp(ctx, collection, ids, fields, func(doc bson.Raw, exact bool) error {
		if !exact {
			return nil
		}
		return each(doc)
	})
}

// lookUp is Documents that also gives those documents whose ids the collection only finds equal to some of ids.
func (r *Reader) lookUp(
	ctx context.Context, collection string, ids []bsonvalue.ID, fields []string, each func(doc bson.Raw, exact bool) error,
) error {
	ids = identifying(ids)
	exactly := func(doc bson.Raw) error { return each(doc, true) }
	switch {
	case r.facts.PageByID:
		return r.documentsByBatches(ctx, collection, ids, fields, each)
	case len(ids) <= fewIDs:
		return r.documentsOneByOne(ctx, collection, ids, exactly)
	}
	asked := setOf(ids)
	return r.Scan(ctx, collection, ScanOptions{Fields: fields}, func(doc bson.Raw) error {
		if asked.Has(bsonvalue.Reference(doc, "_id")) {
			return exactly(doc)
		}
		return nil
	})
}

func setOf(ids []bsonvalue.ID) *bsonvalue.IDSet {
	set := &bsonvalue.IDSet{}
	for _, id := range ids {
		set.Add(id)
	}
	return set
}

// Targeting is about one document, as an Intended is.
type Targeting interface {
	// Target is the _id of the document.
	Target() bsonvalue.ID
}

// Targets are the documents that some items are about.
func Targets[T Targeting](items []T) []bsonvalue.ID {
	ids := make([]bsonvalue.ID, len(items))
	for i, item := range items {
		ids[i] = item.Target()
	}
	return ids
}

// Reread is Documents for items: each is given with its document as it is now, unless that is gone. No two items may be
// about the same document.
func Reread[T Targeting](
	ctx context.Context, r *Reader, collection string, items []T, fields []string, each func(T, bson.Raw) error,
) error {
	byID := bsonvalue.IDMap[T]{}
	for _, item := range items {
		byID.Put(item.Target(), item)
	}
	return r.Documents(ctx, collection, Targets(items), fields, func(doc bson.Raw) error {
		item, _ := byID.At(bsonvalue.Reference(doc, "_id"))
		return each(item, doc)
	})
}

func identifying(ids []bsonvalue.ID) (kept []bsonvalue.ID) {
	for _, id := range ids {
		if id.Identifies() {
			kept = append(kept, id)
		}
	}
	return kept
}

func (r *Reader) documentsByBatches(
	ctx context.Context, collection string, ids []bsonvalue.ID, fields []string, each func(doc bson.Raw, exact bool) error,
) error {
	for batch := range slices.Chunk(ids, 1000) {
		asked, o := setOf(batch), ScanOptions{Fields: fields, Filter: In("_id", batch)}
		err := r.Scan(ctx, collection, o, func(doc bson.Raw) error {
			return each(doc, asked.Has(bsonvalue.Reference(doc, "_id")))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
