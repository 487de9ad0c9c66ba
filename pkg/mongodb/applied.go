package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Applied is which of updates were applied, written being what became of them: all, unless some had Conflicts or were
// Refused. A server does not tell which, so those that Applied are then the documents whose every field holds its New
// now.
func (w *Writer) Applied(
	ctx context.Context, collection string, updates []Update, written Written,
) (applied []bool, err error) {
	applied, all := make([]bool, len(updates)), written.Conflicts+written.Refused == 0
	ids, byID := make([]bsonvalue.ID, len(updates)), bsonvalue.IDMap[int]{}
	for i, u := range updates {
		applied[i], ids[i] = all, u.ID
		byID.Put(u.ID, i)
	}
	if all {
		return applied, nil
	}
	err = w.Documents(ctx, collection, ids, fieldsOf(updates), func(doc bson.Raw) (err error) {
		i, _ := byID.At(bsonvalue.Reference(doc, "_id"))
		if applied[i], err = updates[i].appliedIn(doc); err != nil {
			return fmt.Errorf("compare a document of %s: %w", collection, err)
		}
		return nil
	})
	return applied, err
}

// fieldsOf are the fields that updates set, each once.
func fieldsOf(updates []Update) (names []string) {
	seen := map[string]bool{}
	for _, u := range updates {
		for _, f := range u.Fields {
			if !seen[f.Name] {
				seen[f.Name], names = true, append(names, f.Name)
			}
		}
	}
	return names
}

// valueOf is a Go value as a server stores it.
func valueOf(v any) (bsonvalue.Value, error) {
	if v == nil { // which the driver encodes in a document only
		return bsonvalue.Null(), nil
	}
	if value, ok := v.(bsonvalue.Value); ok {
		return value, nil
	}
	kind, value, err := bson.MarshalValue(v)
	return bsonvalue.Of(bson.RawValue{Type: kind, Value: value}), err
}

func (u Update) appliedIn(doc bson.Raw) (bool, error) {
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
