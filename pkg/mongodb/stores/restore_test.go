package stores_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// two is a run that changed document 1 and deleted document 2.
func two(t *testing.T) (mongotest.Server, *mongodb.Writer) {
	t.Helper()
	s := mongotest.New(t)
	w := s.Writer(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: int32(1)}}, bson.D{{Key: "_id", Value: 2},
		{Key: "v", Value: int32(1)}})
	if _, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, mongotest.Updates(1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things,
		[]mongodb.Deletion{{ID: bsonvalue.Int(2)}}); err != nil {
		t.Fatal(err)
	}
	return s, w
}

// Must fail when a restore left no mark: the second brought document 2 back again.
func TestASecondRestoreLeavesAloneWhatItsOwnerDidAfterTheFirst(t *testing.T) {
	s, w := two(t)
	restore(t, w, "run")
	mongotest.Remove(t, s, 2)
	mongotest.Set(t, s, 1, 2) // as the run had left it
	owners := s.Documents(t, mongotest.Things)
	want := journal.Restored{Entries: 2, Earlier: 2}
	if got, err := stores.PreviewRestore(t.Context(), w.Reader, "run"); err != nil || !cmp.Equal(want, got) {
		t.Errorf("a preview finds %+v, %v", got, err)
	}
	if diff := cmp.Diff(want, restore(t, w, "run")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(owners, s.Documents(t, mongotest.Things)); diff != "" {
		t.Errorf("the owner's work was undone:\n%s", diff)
	}
}

// A document that the run never came to, since it was killed before, is noted too.
func TestARestoreNotesWhatItFoundAsItWas(t *testing.T) {
	s, w := two(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 2}, {Key: "v", Value: int32(1)}}) // as before
	if got := restore(t, w, "run"); got.Unchanged != 1 {
		t.Fatalf("restored %+v", got)
	}
	mongotest.Remove(t, s, 2)
	if got := restore(t, w, "run"); got.Inserted != 0 {
		t.Errorf("restored %+v", got)
	}
}

// Must fail when the first error ended the restore.
func TestAnEntryThatIsDamagedStopsNoOther(t *testing.T) {
	for name, damage := range map[string]bson.D{
		"its data":               {{Key: "data", Value: bson.Binary{Data: []byte("x")}}},
		"its form":               {{Key: "form", Value: "of a later release"}},
		"a part of it":           {{Key: "parts", Value: 1}},
		"no record at all":       {{Key: "time", Value: "soon"}},
		"its digest of the past": {{Key: "was", Value: bson.Binary{}}},
	} {
		t.Run(name, func(t *testing.T) {
			s, w := two(t)
			entries := s.DB.Collection(mongodb.JournalCollection)
			last := bson.D{{Key: "document", Value: 2}}
			if _, err := entries.UpdateOne(t.Context(), last, bson.D{{Key: "$set", Value: damage}}); err != nil {
				t.Fatal(err)
			}
			got := restore(t, w, "run")
			if got.Entries != 2 || got.Failed != 1 || got.Replaced != 1 || len(got.Failures) != 1 {
				t.Fatalf("restored %+v", got)
			}
			if !strings.Contains(got.Failures[0], journal.ErrDamaged.Error()) {
				t.Errorf("it says %q", got.Failures[0])
			}
			if got := restore(t, w, "run"); got.Failed != 1 || got.Earlier != 1 {
				t.Errorf("a second time: %+v", got)
			}
		})
	}
}

// An entry without its last record is of a document that the run did not touch.
func TestPartsWithoutTheirLastRecordAreNoEntry(t *testing.T) {
	s, w := two(t)
	part := bson.D{{Key: "run", Value: "run"}, {Key: "collection", Value: mongotest.Things}, {Key: "part", Value: true},
		{Key: "document", Value: 7}}
	if _, err := s.DB.Collection(mongodb.JournalCollection).InsertOne(t.Context(), part); err != nil {
		t.Fatal(err)
	}
	if got := restore(t, w, "run"); got.Entries != 2 || got.Failed != 0 {
		t.Errorf("restored %+v", got)
	}
}

// Must fail when a run that took nothing was not told from one that never was, and when the record of that had the
// restore of another run read it as an entry.
func TestARunThatTookNothingIsKnown(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	for range 2 { // a second pod of the run
		if err := stores.NewJournal(w, "idle").Enter(t.Context(), "tidy"); err != nil {
			t.Fatal(err)
		}
	}
	if err := stores.NewJournal(w, "busy").Enter(t.Context(), "tidy"); err != nil {
		t.Fatal(err)
	}
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: int32(1)}})
	if _, err := stores.NewJournal(w, "busy").Update(t.Context(), mongotest.Things, mongotest.Updates(1)); err != nil {
		t.Fatal(err)
	}
	for run, want := range map[string]journal.Restored{
		"idle": {TookNothing: true}, "busy": {Entries: 1, Replaced: 1}, "never was": {},
	} {
		if got, err := stores.PreviewRestore(t.Context(), w.Reader, run); err != nil || !cmp.Equal(want, got) {
			t.Errorf("%s: %+v, %v", run, got, err)
		}
	}
	runs, err := stores.Runs(t.Context(), w.Reader)
	slices.Sort(runs)
	if diff := cmp.Diff([]string{"busy", "idle"}, runs); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// The records of earlier releases hold both documents whole.
func TestWhatAnEarlierReleaseWroteCanBeRestored(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	raw := func(d bson.D) bson.Binary {
		b, err := bson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return bson.Binary{Data: b}
	}
	was := func(id int) bson.D {
		return bson.D{{Key: "_id", Value: id}, {Key: "a.b", Value: 1}, {Key: "v", Value: int32(1)}}
	}
	plain := func(v any) bson.D { return bson.D{{Key: "_id", Value: 3}, {Key: "v", Value: v}, {Key: "w", Value: v}} }
	record := func(id int, before bson.Binary, after any) bson.D {
		return bson.D{
			{Key: "run", Value: "old"}, {Key: "collection", Value: mongotest.Things}, {Key: "document", Value: id},
			{Key: "before", Value: before},
			{Key: "after", Value: after}, {Key: "time", Value: time.Now()},
			{Key: "expires_at", Value: time.Now().Add(time.Hour)},
		}
	}
	records := []bson.D{
		record(1, raw(bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: int32(1)}}), nil), record(3, raw(plain(int32(1))),
			raw(plain(int64(2)))),
		record(4, raw(was(4)), raw(bson.D{{Key: "_id", Value: 4}})), // written since
	}
	if _, err := s.DB.Collection(mongodb.JournalCollection).InsertMany(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	mongotest.Put(t, s, plain(int64(2)))
	want := journal.Restored{Entries: 3, Inserted: 1, Replaced: 1, Conflicts: 1, Sample: []string{"things 4"}}
	if diff := cmp.Diff(want, restore(t, w, "old")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	docs := s.Documents(t, mongotest.Things)
	if len(docs) != 2 || mongotest.Value(t, s, 1) != "1" || mongotest.Value(t, s, 3) != "1" {
		t.Errorf("there is %v", docs)
	}
}

// A restore that is killed at any of its writes, and begun again, ends where an undisturbed one ends.
func TestARestoreThatIsKilledAtAnyWriteCanBeRepeated(t *testing.T) {
	for at := range 6 {
		s, w := two(t)
		ctx, kill := context.WithCancelCause(t.Context())
		n := 0
		d := s.Connect(t, func(c connection.Command) {
			if !mongotest.Locking(c) && mongotest.Writes(c) {
				if n == at {
					kill(errors.New("killed"))
				}
				n++
			}
		})
		_, _ = stores.Restore(ctx, mongotest.Writer(t, d), "run")
		restore(t, w, "run")
		if mongotest.Value(t, s, 1) != "1" || mongotest.Value(t, s, 2) != "1" {
			t.Errorf("killed at write %d: 1 holds %s, 2 holds %s", at, mongotest.Value(t, s, 1), mongotest.Value(t, s, 2))
		}
		if got := restore(t, w, "run"); got.Earlier != 2 {
			t.Errorf("killed at write %d: a last restore does %+v", at, got)
		}
	}
}
