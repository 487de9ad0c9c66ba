package mongodb_test

import (
	"bytes"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
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
func TestTheLargestDocumentsAreJournaledWrittenAndRestored(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	ids := album(filesOfAlbum)
	// One after the other: a command has room for one of them.
	put(t, s, bson.D{{Key: "_id", Value: "album"}, {Key: "file_ids", Value: ids}, {Key: "file_count", Value: int32(len(ids))}})
	put(t, s, bson.D{{Key: "_id", Value: "giant"}, {Key: "text", Value: string(bytes.Repeat([]byte("x"), 15_900_000))}, {Key: "v", Value: int32(1)}})
	put(t, s, bson.D{{Key: "_id", Value: "small"}, {Key: "v", Value: int32(1)}})
	before := s.Documents(t, things)

	shorter := append(ids[:100:100], ids[103:]...)
	done, err := w.UpdateJournaled(t.Context(), "run", things, []mongodb.Update{
		{ID: of(t, "album"), Fields: []mongodb.Field{
			{Name: "file_ids", Old: bsonvalue.Reference(only(t, before, "album"), "file_ids"), New: shorter},
			{Name: "file_count", Old: bsonvalue.Int(filesOfAlbum), New: int32(len(shorter))},
		}},
		{ID: of(t, "giant"), Fields: []mongodb.Field{{Name: "v", Old: bsonvalue.Int(1), New: int32(2)}}},
	})
	if want := (mongodb.Written{Matched: 2, Modified: 2}); err != nil || done != want {
		t.Fatalf("updated %+v, %v", done, err)
	}
	if n := len(bsonElements(t, only(t, s.Documents(t, things), "album").Lookup("file_ids"))); n != len(shorter) {
		t.Errorf("the list has %d elements now, want %d", n, len(shorter))
	}
	deletions := []mongodb.Deletion{{ID: of(t, "giant")}, {ID: of(t, "small")}}
	if n, left, err := w.DeleteJournaled(t.Context(), "run", things, deletions); err != nil || n != 2 || left != 0 {
		t.Fatalf("%d deleted, %d left, %v", n, left, err)
	}

	want := journal.Restored{Entries: 4, Inserted: 2, Replaced: 2}
	if got := restore(t, w, "run"); got.Entries != want.Entries || got.Inserted != want.Inserted || got.Replaced != want.Replaced {
		t.Errorf("restored %+v", got)
	}
	after := s.Documents(t, things)
	for id, doc := range before {
		if !bytes.Equal(doc, after[id]) {
			t.Errorf("%s is not what it was: %d bytes, it had %d", id, len(after[id]), len(doc))
		}
	}
}

// only is the document with a text for its _id.
func only(t *testing.T, docs map[string]bson.Raw, id string) bson.Raw {
	t.Helper()
	for _, doc := range docs {
		if doc.Lookup("_id").StringValue() == id {
			return doc
		}
	}
	t.Fatalf("there is no document %q", id)
	return nil
}

func bsonElements(t *testing.T, v bson.RawValue) []bson.RawValue {
	t.Helper()
	list, err := v.Array().Values()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A list that is too large to compare in full is compared in its length and at some of its places.
func TestALargeListThatChangedMeanwhileIsLeftAlone(t *testing.T) {
	ids := album(filesOfAlbum)
	for name, stored := range map[string]bson.A{
		"longer":              append(ids[:len(ids):len(ids)], bson.ObjectID{0xff}),
		"another first":       append(bson.A{bson.ObjectID{0xff}}, ids[1:]...),
		"the same, as a text": {"no list of that length"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			put(t, s, bson.D{{Key: "_id", Value: "album"}, {Key: "file_ids", Value: stored}})
			field := mongodb.Field{Name: "file_ids", Old: of(t, ids), New: ids[1:]}
			update := mongodb.Update{ID: of(t, "album"), Fields: []mongodb.Field{field}}
			done, err := s.Writer(t).Update(t.Context(), things, []mongodb.Update{update})
			if want := (mongodb.Written{Conflicts: 1}); err != nil || done != want {
				t.Errorf("%+v, %v", done, err)
			}
		})
	}
}
