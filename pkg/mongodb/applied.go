package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Applied is which of updates were applied, written being what became of them: all, unless some had Conflicts. A server
// does not tell which, so those that Applied are then the documents whose every field holds its New now.
func (w *Writer) Applied(
	ctx context.Context, collection string, updates []Update, written Written,
) (applied []bool, err error) {
	applied = make([]bool, len(updates))
	for i, u := range updates {
		if written.Conflicts == 0 {
			applied[i] = true
			continue
		}
		doc, err := w.Document(ctx, collection, u.ID)
		if err != nil {
			return nil, err
		}
		if applied[i], err = u.appliedIn(doc); err != nil {
			return nil, fmt.Errorf("compare a document of %s: %w", collection, err)
		}
	}
	return applied, nil
}

// valueOf is a Go value as a server stores it.
func valueOf(v any) (bsonvalue.Value, error) {
	if v == nil { // which the driver encodes in a document only
		return bsonvalue.Null(), nil
	}
	kind, value, err := bson.MarshalValue(v)
	return bsonvalue.Of(bson.RawValue{Type: kind, Value: value}), err
}

func (u Update) appliedIn(doc bson.Raw) (bool, error) {
	if doc == nil {
		return false, nil
	}
	for _, f := range u.Fields {
		want, err := valueOf(f.New)
		if err != nil {
			return false, err
		}
		if bsonvalue.Reference(doc, f.Name) != want {
			return false, nil
		}
	}
	return true, nil
}
