package naming_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/naming"
)

// An id alone says nothing to a person.
func TestADocumentIsKnownByItsNameOrByWhatItRefersTo(t *testing.T) {
	s := mongotest.New(t)
	l, _ := library.Named(library.UCoreFSName)
	file, gone := bson.NewObjectID(), bson.NewObjectID()
	for name, c := range map[string]struct {
		collection string
		doc        bson.D
		want       string
	}{
		"a tag has a name": {"tags", bson.D{{Key: "full_path", Value: "a/b"},
			{Key: "name", Value: "b"}}, " (a/b)"},
		"a relation by its type and the other file": {"relations", bson.D{{Key: "relation_type", Value: "duplicate"},
			{Key: "source_id", Value: gone}, {Key: "target_id", Value: file}}, " (duplicate, target_id /photos/a.jpg)"},
		"a relation whose reference is text": {"relations", bson.D{{Key: "source_id", Value: file.Hex()}},
			" (source_id /photos/a.jpg)"},
		"an embedding by its provider": {"embedding_records", bson.D{{Key: "provider", Value: "clip"},
			{Key: "file_id", Value: gone}}, " (clip)"},
		"a journal entry by its message": {"journal", bson.D{{Key: "message", Value: "scan\n done"}}, " (scan done)"},
		"a document of which nothing is known": {"relations", bson.D{{Key: "source_id", Value: gone},
			{Key: "target_id", Value: nil}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			id := bson.NewObjectID()
			insert(t, s, c.collection, append(c.doc, bson.E{Key: "_id", Value: id}))
			insert(t, s, "file_records", bson.D{{Key: "_id", Value: file}, {Key: "path", Value: "/photos/a.jpg"}})
			d := naming.Document{Collection: c.collection, ID: bsonvalue.Of(bson.RawValue{Type: bson.TypeObjectID,
				Value: id[:]})}
			names, err := naming.Find(t.Context(), s.Connect(t, nil).Reader(), l, []naming.Document{d})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := names.Text(d), c.collection+" "+d.ID.String()+c.want; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// insert inserts a document that may be there already.
func insert(t *testing.T, s mongotest.Server, collection string, doc bson.D) {
	t.Helper()
	_, err := s.DB.Collection(collection).InsertOne(t.Context(), doc)
	if err != nil && !mongo.IsDuplicateKeyError(err) {
		t.Fatal(err)
	}
}
