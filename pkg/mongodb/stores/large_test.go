package stores_test

import (
	"bytes"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// filesOfAlbum are so many ids that a list with them, before and after, is too large for one command.
const filesOfAlbum = 430_000

func album(n int) bson.A {
	list := make(bson.A, n)
	for i := range list {
		list[i] = bson.ObjectID{byte(i >> 16), byte(i >> 8), byte(i)}
	}
	return list
}

// Must fail when an entry held the document before and after, and when the update held the list before and after.
func TestAnAlbumOf430000FilesIsShortenedAndRestored(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	ids := album(filesOfAlbum)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: "album"}, {Key: "file_ids", Value: ids},
		{Key: "file_count", Value: int32(len(ids))}})
	before := only(t, s)
	shorter := append(ids[:100:100], ids[103:]...)
	done, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things,
		[]mongodb.Update{{ID: mongotest.Of(t, "album"), Fields: []mongodb.Field{
			{Name: "file_ids", Old: bsonvalue.Reference(before, "file_ids"), New: shorter},
			{Name: "file_count", Old: bsonvalue.Int(filesOfAlbum), New: int32(len(shorter))},
		}}})
	if want := (mongodb.Written{Matched: 1, Modified: 1}); err != nil || done != want {
		t.Fatalf("updated %+v, %v", done, err)
	}
	if got := restore(t, w, "run"); got.Replaced != 1 {
		t.Errorf("restored %+v", got)
	}
	if !bytes.Equal(before, only(t, s)) {
		t.Error("the album is not what it was")
	}
}

// Must fail when an entry was one record.
func TestADocumentOf16MBIsDeletedAndRestored(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: "giant"},
		{Key: "text", Value: string(bytes.Repeat([]byte("x"), 15_900_000))}})
	before := only(t, s)
	n, left, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things,
		[]mongodb.Deletion{{ID: mongotest.Of(t, "giant")}})
	if err != nil || n != 1 || left != 0 {
		t.Fatalf("%d deleted, %d left, %v", n, left, err)
	}
	if got := restore(t, w, "run"); got.Inserted != 1 {
		t.Errorf("restored %+v", got)
	}
	if !bytes.Equal(before, only(t, s)) {
		t.Error("the document is not what it was")
	}
}

// only is the one document that there is.
func only(t *testing.T, s mongotest.Server) bson.Raw {
	t.Helper()
	for _, doc := range s.Documents(t, mongotest.Things) {
		return doc
	}
	t.Fatal("there is no document")
	return nil
}
