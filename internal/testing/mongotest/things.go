package mongotest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Things is the collection that tests of documents of any kind write to.
const Things = "things"

// Put inserts documents into Things.
func Put(t testing.TB, s Server, docs ...bson.D) {
	t.Helper()
	if _, err := s.DB.Collection(Things).InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

// Of is any Go value as a Value.
func Of(t testing.TB, v any) bsonvalue.Value {
	t.Helper()
	kind, data, err := bson.MarshalValue(v)
	if err != nil {
		t.Fatal(err)
	}
	return bsonvalue.Of(bson.RawValue{Type: kind, Value: data})
}

// Updates set v from 1 to 2 in the documents with these ids.
func Updates(ids ...int64) (list []mongodb.Update) {
	for _, id := range ids {
		change := mongodb.Field{Name: "v", Old: bsonvalue.Int(1), New: 2}
		list = append(list, mongodb.Update{ID: bsonvalue.Int(id), Fields: []mongodb.Field{change}})
	}
	return list
}

// Value is the field v of a document.
func Value(t testing.TB, s Server, id any) string {
	t.Helper()
	raw, err := s.DB.Collection(Things).FindOne(t.Context(), bson.D{{Key: "_id", Value: id}}).Raw()
	if err != nil {
		t.Fatal(err)
	}
	return bsonvalue.Of(raw.Lookup("v")).String()
}

// Set lets somebody else write v.
func Set(t testing.TB, s Server, id, v any) {
	t.Helper()
	update := bson.D{{Key: "$set", Value: bson.D{{Key: "v", Value: v}}}}
	if _, err := s.DB.Collection(Things).UpdateByID(t.Context(), id, update); err != nil {
		t.Fatal(err)
	}
}

// Remove lets somebody else delete a document.
func Remove(t testing.TB, s Server, id any) {
	t.Helper()
	if _, err := s.DB.Collection(Things).DeleteOne(t.Context(), bson.D{{Key: "_id", Value: id}}); err != nil {
		t.Fatal(err)
	}
}

// IDs are ids of every type that FerretDB 1 takes.
func IDs() []any {
	return []any{
		bson.ObjectID{1}, bson.ObjectID{2}, "a", "", "1", int32(1), int64(1 << 40), 2.5, true,
		bson.DateTime(7), bson.Binary{Data: []byte("id")}, bson.Timestamp{T: 1},
	}
}
