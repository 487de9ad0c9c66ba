package mongodb_test

import (
	"bytes"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
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

// Seen to fail when an entry held the document before and after, and when the update held the list before and after.
func TestAnAlbumOf430000FilesIsShortenedAndRestored(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	ids := album(filesOfAlbum)
	put(t, s, bson.D{{Key: "_id", Value: "album"}, {Key: "file_ids", Value: ids}, {Key: "file_count", Value: int32(len(ids))}})
	before := only(t, s)
	shorter := append(ids[:100:100], ids[103:]...)
	done, err := w.UpdateJournaled(t.Context(), "run", things, []mongodb.Update{{ID: of(t, "album"), Fields: []mongodb.Field{
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

// Seen to fail when an entry was one record.
func TestADocumentOf16MBIsDeletedAndRestored(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	put(t, s, bson.D{{Key: "_id", Value: "giant"}, {Key: "text", Value: string(bytes.Repeat([]byte("x"), 15_900_000))}})
	before := only(t, s)
	n, left, err := w.DeleteJournaled(t.Context(), "run", things, []mongodb.Deletion{{ID: of(t, "giant")}})
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
	for _, doc := range s.Documents(t, things) {
		return doc
	}
	t.Fatal("there is no document")
	return nil
}

// A list that is too large to compare in full is compared in its length and at some of its places, and loses what goes.
func TestAListThatIsTooLargeToCompareInFull(t *testing.T) {
	ids := album(5000)
	for name, c := range map[string]struct {
		stored  bson.A
		becomes int // elements; 0: it is left alone
	}{
		"as expected":     {ids, 4990},
		"longer":          {append(ids[:len(ids):len(ids)], bson.ObjectID{0xff}), 0},
		"another first":   {append(bson.A{bson.ObjectID{0xff}}, ids[1:]...), 0},
		"not what it was": {bson.A{"no list of that length"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			put(t, s, bson.D{{Key: "_id", Value: "album"}, {Key: "file_ids", Value: c.stored}})
			w := s.Writer(t)
			w.Reader = w.With(func(f *mongodb.Facts) { f.MaxStatement = 100_000 })
			field := mongodb.Field{Name: "file_ids", Old: of(t, ids), New: ids[10:]}
			update := mongodb.Update{ID: of(t, "album"), Fields: []mongodb.Field{field}}
			done, err := w.Update(t.Context(), things, []mongodb.Update{update})
			if err != nil || c.becomes == 0 && done.Conflicts != 1 {
				t.Fatalf("%+v, %v", done, err)
			}
			left, err := only(t, s).Lookup("file_ids").Array().Values()
			if err != nil || c.becomes > 0 && len(left) != c.becomes || c.becomes == 0 && len(left) != len(c.stored) {
				t.Errorf("it has %d elements, %v", len(left), err)
			}
		})
	}
}
