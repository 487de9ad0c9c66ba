package stores_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// odd are documents whose bytes are easily lost: every type, fields in a certain order, numbers of certain types, odd
// ids.
func odd() []bson.D {
	fields := bson.D{
		{Key: "z", Value: int32(1)}, {Key: "v", Value: int32(1)}, {Key: "a", Value: int64(1)}, {Key: "d", Value: 1.0},
		{Key: "n", Value: nil}, {Key: "e", Value: ""},
		{Key: "text", Value: "日\n\"\U0001F642"}, {Key: "list", Value: bson.A{int32(1), int64(1), 1.0, "x", nil,
			bson.D{{Key: "b", Value: 1}, {Key: "a", Value: 2}}}},
		{Key: "empty", Value: bson.A{}}, {Key: "none", Value: bson.D{}},
		{Key: "binary", Value: bson.Binary{Subtype: 0x80, Data: []byte{0, 1, 255}}},
		{Key: "at", Value: bson.DateTime(-1)}, {Key: "stamp", Value: bson.Timestamp{T: 1, I: 2}},
		{Key: "like", Value: bson.Regex{Pattern: "^a", Options: "i"}},
	}
	var docs []bson.D
	for _, id := range mongotest.IDs() {
		docs = append(docs, append(bson.D{{Key: "_id", Value: id}}, fields...))
	}
	return docs
}

// Seen to fail when Restore undid the first entry first.
func TestRestoreIsByteIdentical(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	mongotest.Put(t, s, odd()...)
	before := s.Documents(t, mongotest.Things)

	var changes, more []mongodb.Update
	var deletions []mongodb.Deletion
	for i, id := range mongotest.IDs() {
		update := mongodb.Update{ID: mongotest.Of(t, id), Fields: []mongodb.Field{
			{Name: "v", Old: bsonvalue.Int(1), New: int64(2)}, {Name: "list", Old: mongotest.Of(t, odd()[0][8].Value),
				New: bson.A{"shorter"}}, {Name: "fresh", New: "field"},
		}}
		switch i % 3 {
		case 0: // changed twice
			changes = append(changes, update)
			more = append(more, mongodb.Update{ID: mongotest.Of(t, id),
				Fields: []mongodb.Field{{Name: "v", Old: bsonvalue.Int(2), New: "third"}}})
		case 1: // changed, then deleted
			changes = append(changes, update)
			deletions = append(deletions, mongodb.Deletion{ID: mongotest.Of(t, id)})
		case 2:
			deletions = append(deletions, mongodb.Deletion{ID: mongotest.Of(t, id),
				If: map[string]bsonvalue.Value{"v": bsonvalue.Int(1)}})
		}
	}
	for _, batch := range [][]mongodb.Update{changes, more} {
		done, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, batch)
		if err != nil || done.Modified != int64(len(batch)) {
			t.Fatalf("UpdateJournaled: %+v, %v", done, err)
		}
	}
	n, left, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things, deletions)
	if err != nil || n != int64(len(deletions)) || left != 0 {
		t.Fatalf("DeleteJournaled: %d deleted, %d left, %v", n, left, err)
	}
	after := s.Documents(t, mongotest.Things)

	done, err := stores.PreviewRestore(t.Context(), w.Reader, "run")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(after, s.Documents(t, mongotest.Things)); diff != "" {
		t.Errorf("a preview changed documents:\n%s", diff)
	}
	foreseen := done
	done = restore(t, w, "run")
	if diff := cmp.Diff(done, foreseen); diff != "" {
		t.Errorf("the preview said something else (-done +foreseen):\n%s", diff)
	}
	if done.Conflicts != 0 || done.Inserted != int64(len(deletions)) || done.Replaced != int64(len(changes)+len(more)) {
		t.Errorf("got %+v", done)
	}
	if diff := cmp.Diff(before, s.Documents(t, mongotest.Things)); diff != "" {
		t.Errorf("not as before:\n%s", diff)
	}
	if again := restore(t, w, "run"); again.Earlier != done.Entries {
		t.Errorf("a second restore found something: %+v", again)
	}
}

func restore(t *testing.T, w *mongodb.Writer, run string) journal.Restored {
	t.Helper()
	done, err := stores.Restore(t.Context(), w, run)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// Seen to fail when Restore replaced whatever it found under the id.
func TestRestoreLeavesAloneWhatWasWrittenSince(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, s mongotest.Server)
		want      journal.Restored
	}{
		"nothing happened": {func(*testing.T, mongotest.Server) {}, journal.Restored{Entries: 2, Inserted: 1,
			Replaced: 1}},
		"the changed one was changed": {func(t *testing.T, s mongotest.Server) { mongotest.Set(t, s, 1, "theirs") },
			journal.Restored{Entries: 2, Inserted: 1, Conflicts: 1, Sample: []string{"things 1"}}},
		"the changed one was deleted": {func(t *testing.T, s mongotest.Server) { mongotest.Remove(t, s, 1) },
			journal.Restored{Entries: 2, Inserted: 1, Conflicts: 1, Sample: []string{"things 1"}}},
		"the deleted one was made anew": {func(t *testing.T, s mongotest.Server) {
			mongotest.Put(t, s, bson.D{{Key: "_id", Value: 2}, {Key: "v", Value: "theirs"}})
		},
			journal.Restored{Entries: 2, Replaced: 1, Conflicts: 1, Sample: []string{"things 2"}}},
		"somebody put one back by hand": {func(t *testing.T, s mongotest.Server) { mongotest.Set(t, s, 1, int32(1)) },
			journal.Restored{Entries: 2, Inserted: 1, Unchanged: 1}},
	} {
		t.Run(name, func(t *testing.T) {
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
			c.meanwhile(t, s)
			meanwhile := s.Documents(t, mongotest.Things)
			if diff := cmp.Diff(c.want, restore(t, w, "run")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if c.want.Conflicts > 0 {
				for id, doc := range s.Documents(t, mongotest.Things) {
					if theirs := meanwhile[id]; theirs != nil && theirs.Lookup("v").Type == bson.TypeString &&
						!cmp.Equal(theirs, doc) {
						t.Errorf("%s was overwritten: %s", id, doc)
					}
				}
			}
			again := restore(t, w, "run")
			if again.Inserted+again.Replaced != 0 {
				t.Errorf("a second time it did something: %+v", again)
			}
		})
	}
}

func TestRestoreKnowsOnlyItsOwnRun(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}}, bson.D{{Key: "_id", Value: 2},
		{Key: "v", Value: 1}})
	for i := range int64(2) {
		if _, err := stores.NewJournal(w, fmt.Sprint("run-", i+1)).Update(t.Context(), mongotest.Things,
			mongotest.Updates(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if done := restore(t, w, "run-2"); done.Entries != 1 || mongotest.Value(t, s, 1) != "2" ||
		mongotest.Value(t, s, 2) != "1" {
		t.Errorf("%+v, 1 holds %s, 2 holds %s", done, mongotest.Value(t, s, 1), mongotest.Value(t, s, 2))
	}
	if done := restore(t, w, "nobody"); done.Entries != 0 {
		t.Errorf("%+v", done)
	}
}

// Seen to fail when the write came before its journal entry.
func TestTheJournalIsWrittenFirst(t *testing.T) {
	s := mongotest.New(t)
	var order []string
	w := mongotest.Writer(t, s.Connect(t, func(c connection.Command) {
		if mongotest.Locking(c) {
			return
		}
		if name, ok := c.Document.Lookup(c.Name).StringValueOK(); ok && mongotest.Writes(c) && c.Name != "createIndexes" {
			order = append(order, c.Name+" "+name)
		}
	}))
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}}, bson.D{{Key: "_id", Value: 2},
		{Key: "v", Value: 1}})
	if _, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, mongotest.Updates(1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things,
		[]mongodb.Deletion{{ID: bsonvalue.Int(2)}}); err != nil {
		t.Fatal(err)
	}
	want := []string{"insert maintenance_journal", "update things", "insert maintenance_journal", "delete things"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Error(diff)
	}
}

// What an application writes to a document while it is being journaled is neither in the journal nor to be deleted.
// Seen to fail when only the fields were compared because of which it goes.
func TestADocumentThatIsWrittenWhileItIsJournaledStays(t *testing.T) {
	for name, value := range map[string]any{
		"a number": 2, "a text": "b", "null": nil, "an embedded document": bson.D{{Key: "b", Value: 1}},
		"a list": bson.A{1, bson.D{}}, "a vector": bson.A{0.5, 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}, {Key: "w", Value: "theirs"}},
				bson.D{{Key: "_id", Value: 2}, {Key: "v", Value: 1}, {Key: "w", Value: value}})
			w := mongotest.Writer(t, s.Connect(t, func(c connection.Command) {
				if c.Name == "insert" && c.Document.Lookup("insert").StringValue() == mongodb.JournalCollection {
					if _, err := s.DB.Collection(mongotest.Things).UpdateByID(t.Context(), 1,
						bson.D{{Key: "$set", Value: bson.D{{Key: "w", Value: value}}}}); err != nil {
						t.Error(err)
					}
				}
			}))
			deletions := []mongodb.Deletion{{ID: bsonvalue.Int(1)},
				{ID: bsonvalue.Int(2), If: map[string]bsonvalue.Value{"v": bsonvalue.Int(1)}}}
			deleted, changed, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things, deletions)
			if left := s.Documents(t, mongotest.Things); err != nil || deleted != 1 || changed != 1 || len(left) != 1 {
				t.Errorf("%d deleted, %d changed, %v; left: %v", deleted, changed, err, left)
			}
		})
	}
}

// The same of what no filter on a field can see. Each row is the application's write; whole tells whether the server
// compares whole documents: one that does not loses the change, which docs/safety.md says. Seen to fail when the
// deletion compared fields on every server.
func TestWhatNoFilterSeesIsNotDeletedWhereTheServerComparesWholeDocuments(t *testing.T) {
	large := strings.Repeat("x", 70<<10)
	for form, whole := range map[strictmongo.Form]bool{
		strictmongo.ReplicaSet: true, strictmongo.Mongos: true, strictmongo.FerretDB2: true, strictmongo.DocumentDB: false,
	} {
		for name, change := range map[string]bson.D{
			"a new field":                {{Key: "$set", Value: bson.D{{Key: "note", Value: "theirs"}}}},
			"a large value":              {{Key: "$set", Value: bson.D{{Key: "large", Value: "y" + large[1:]}}}},
			"a field with a dollar sign": {{Key: "$set", Value: bson.D{{Key: "note", Value: "$v"}}}},
		} {
			t.Run(fmt.Sprint(form, ", ", name), func(t *testing.T) {
				s := mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: form}).URI+"?retryWrites=false")
				mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: "$literal"}, {Key: "large", Value: large}})
				mongotest.Put(t, s, bson.D{{Key: "_id", Value: 2}, {Key: "v", Value: 1}})
				w := mongotest.Writer(t, s.Connect(t, func(c connection.Command) {
					if c.Name == "insert" && c.Document.Lookup("insert").StringValue() == mongodb.JournalCollection {
						if _, err := s.DB.Collection(mongotest.Things).UpdateByID(t.Context(), 1, change); err != nil {
							t.Error(err)
						}
					}
				}))
				deletions := []mongodb.Deletion{{ID: bsonvalue.Int(1)}, {ID: bsonvalue.Int(2)}}
				deleted, changed, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things, deletions)
				if err != nil || deleted+changed != 2 || (changed == 1) != whole {
					t.Errorf("%d deleted, %d changed, %v", deleted, changed, err)
				}
			})
		}
	}
}

func TestNothingIsJournaledOfWhatIsLeftAlone(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: "changed"}})
	written, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, mongotest.Updates(1, 2))
	if want := (mongodb.Written{Conflicts: 2}); err != nil || written != want {
		t.Errorf("%+v, %v", written, err)
	}
	deletions := []mongodb.Deletion{{ID: bsonvalue.Int(1), If: map[string]bsonvalue.Value{"v": bsonvalue.Int(1)}},
		{ID: bsonvalue.Int(2)}}
	if n, left, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things, deletions); err != nil ||
		n != 0 || left != 2 {
		t.Errorf("%d deleted, %d left, %v", n, left, err)
	}
	if entries := s.Documents(t, mongodb.JournalCollection); len(entries) != 0 {
		t.Errorf("entries: %v", entries)
	}
}

// Seen to fail when an entry had the pod's time: where that is 90 days behind, the server deletes the entry at once.
func TestTheJournalFollowsTheServersClock(t *testing.T) {
	for _, ahead := range []time.Duration{-200 * 24 * time.Hour, 200 * 24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			s := mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, Ahead: ahead}).URI)
			w := s.Writer(t)
			mongotest.Put(t, s, odd()[0])
			journaled := stores.NewJournal(w, "run")
			if _, _, err := journaled.Delete(t.Context(), mongotest.Things,
				[]mongodb.Deletion{{ID: mongotest.Of(t, mongotest.IDs()[0])}}); err != nil {
				t.Fatal(err)
			}
			server := time.Now().Add(ahead)
			for _, entry := range s.Documents(t, mongodb.JournalCollection) {
				expires, written := entry.Lookup("expires_at").Time(), entry.Lookup("_id").ObjectID().Timestamp()
				if left := expires.Sub(server); left < journal.Keep-time.Hour || left > journal.Keep+time.Hour {
					t.Errorf("the entry expires %v after the server's now", left)
				}
				if off := written.Sub(server).Abs(); off > time.Hour {
					t.Errorf("its id is %v off the server's time", off)
				}
			}
		})
	}
}
