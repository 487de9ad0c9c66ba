package stores_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

func TestANoteIsKeptForEachRecordWhateverItsID(t *testing.T) {
	s := mongotest.New(t)
	w, at := s.Writer(t), time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	want := map[string]stores.MissingNote{}
	var notes []stores.MissingNote
	for _, id := range []any{bson.NewObjectID(), bson.NewObjectID().Hex(), int64(7), "7", 7.5} {
		kind, raw, err := bson.MarshalValue(id)
		if err != nil {
			t.Fatal(err)
		}
		n := stores.MissingNote{Record: bsonvalue.Of(bson.RawValue{Type: kind, Value: raw}), Path: "/line\nbreak", Run: "run",
			FirstSeen: at}
		notes, want[n.Record.String()] = append(notes, n), n
	}
	for range 2 { // it is safe to repeat
		if err := stores.NoteMissing(t.Context(), w, notes); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, read(t, w.Reader), cmp.Comparer(same)); diff != "" {
		t.Errorf("notes (-written +read):\n%s", diff)
	}

	notes[0].Path = "/elsewhere" // a note takes the place of the one before
	if err := stores.NoteMissing(t.Context(), w, notes[:1]); err != nil {
		t.Fatal(err)
	}
	if err := stores.ForgetMissing(t.Context(), w, []bsonvalue.ID{notes[1].Record, notes[2].Record,
		bsonvalue.Int(99)}); err != nil {
		t.Fatal(err)
	}
	delete(want, notes[1].Record.String())
	delete(want, notes[2].Record.String())
	want[notes[0].Record.String()] = notes[0]
	if diff := cmp.Diff(want, read(t, w.Reader), cmp.Comparer(same)); diff != "" {
		t.Errorf("notes (-want +read):\n%s", diff)
	}
}

func TestWhatIsNoNoteIsPassedOver(t *testing.T) {
	s := mongotest.New(t)
	if _, err := s.DB.Collection(mongodb.MissingCollection).InsertOne(t.Context(), bson.D{{Key: "_id", Value: "x"},
		{Key: "first_seen", Value: bson.A{1}}}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, s.Connect(t, nil).Reader()); len(got) > 0 {
		t.Errorf("read %v", got)
	}
}

func read(t *testing.T, r *mongodb.Reader) map[string]stores.MissingNote {
	t.Helper()
	got := map[string]stores.MissingNote{}
	if err := stores.MissingNotes(t.Context(), r, func(n stores.MissingNote) { got[n.Record.String()] = n }); err != nil {
		t.Fatal(err)
	}
	return got
}

func same(a, b stores.MissingNote) bool {
	return a.Record == b.Record && a.Path == b.Path && a.Run == b.Run && a.FirstSeen.Equal(b.FirstSeen)
}
