package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// smallCollection is up to how many documents a server may look through for each write.
const smallCollection = 500

// comparesFirst tells that a write does not leave the comparison with what was expected to the server: FerretDB 1 on
// SQLite reads a whole collection for each filter that says more than an _id, half a second for 5,000 files. Its
// updates are a read and a write that others can come between, so that comparing here, one document at a time and right
// before its write, only makes that gap longer, by one round trip.
func (w *Writer) comparesFirst(ctx context.Context, collection string) bool {
	return w.facts.ScansForConditions && w.Estimate(ctx, collection) > smallCollection
}

func (w *Writer) updateOneByOne(ctx context.Context, collection string, updates []Update) (total Written, err error) {
	for _, u := range updates {
		due, err := w.isDue(ctx, collection, u)
		if err != nil {
			return total, err
		}
		if !due {
			total.Conflicts++
			continue
		}
		byID := mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: u.ID.Raw()}}).SetUpdate(u.change(true))
		done, err := w.Bulk(ctx, driver.Key{}, collection, []mongo.WriteModel{byID})
		total = total.Plus(done)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (w *Writer) deleteOneByOne(
	ctx context.Context, collection string, deletions []Deletion,
) (deleted int64, err error) {
	for _, x := range deletions {
		due, err := w.isDue(ctx, collection, x)
		if err != nil {
			return deleted, err
		}
		if !due {
			continue
		}
		byID := mongo.NewDeleteOneModel().SetFilter(bson.D{{Key: "_id", Value: x.ID.Raw()}})
		n, err := w.deleteBatch(ctx, collection, []mongo.WriteModel{byID})
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// isDue reads the document of a write, which is due while the document is as it was when the write was planned.
func (w *Writer) isDue(ctx context.Context, collection string, write Intended) (bool, error) {
	doc, err := w.Document(ctx, collection, write.Target())
	return err == nil && doc != nil && write.StillDue(doc), err
}

// documentsOneByOne gives documents that are looked up by their _id, which FerretDB 1 does fast where it scans
// everything for any other filter.
func (r *Reader) documentsOneByOne(
	ctx context.Context, collection string, ids []bsonvalue.ID, each func(bson.Raw) error,
) error {
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
