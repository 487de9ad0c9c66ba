package mongodb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// asMongoDB is a writer that sends what it would send to MongoDB, in small commands that the server at hand bears.
func asMongoDB(t *testing.T, s mongotest.Server, monitor func(connection.Command)) *mongodb.Writer {
	t.Helper()
	w := mongotest.Writer(t, s.Connect(t, monitor))
	w.Reader = w.With(func(f *connection.Facts) {
		f.PageByID, f.ScansForConditions, f.MaxUpdates, f.MaxDeletes = true, false, 8, 8
	})
	return w
}

// documents are n documents with v: 1.
func documents(n int64) (docs []bson.D, ids []int64) {
	for i := range n {
		docs, ids = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "v", Value: int32(1)}}), append(ids, i)
	}
	return docs, ids
}

// Must fail, with a find for each document, when each was read alone.
func TestABatchTakesOneReadOneEntryAndOneWrite(t *testing.T) {
	s := mongotest.New(t)
	docs, ids := documents(24)
	mongotest.Put(t, s, docs...)
	sent := map[string]int{}
	w := asMongoDB(t, s, func(c connection.Command) {
		if !mongotest.Locking(c) && c.Name != "createIndexes" {
			sent[c.Name]++
		}
	})
	done, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, mongotest.Updates(ids...))
	if err != nil || done.Modified != 24 {
		t.Fatalf("%+v, %v", done, err)
	}
	var deletions []mongodb.Deletion
	for _, id := range ids[:8] {
		deletions = append(deletions, mongodb.Deletion{ID: bsonvalue.Int(id)})
	}
	if n, _, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things, deletions); err != nil || n != 8 {
		t.Fatalf("%d deleted, %v", n, err)
	}
	sent["hello"], sent["endSessions"] = 0, 0
	want := map[string]int{"find": 4 + 1, // whether the server compares whole documents
		"insert": 4, "update": 3, "delete": 1, "hello": 0, "endSessions": 0}
	for name := range sent {
		if _, known := want[name]; !known {
			delete(sent, name)
		}
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if got, err := stores.Restore(t.Context(), w, "run"); err != nil || got.Replaced != 24 || got.Inserted != 8 {
		t.Errorf("restored %+v", got)
	}
}

// Where a server scans for every condition, the writes to a large collection compare first, and write by _id alone.
// Must fail when the filter held the old values.
func TestALargeCollectionIsNotScannedForEachWrite(t *testing.T) {
	s := mongotest.New(t)
	docs, ids := documents(600)
	mongotest.Put(t, s, docs...)
	mongotest.Set(t, s, 3, "theirs")
	var filters []bson.Raw
	w := mongotest.Writer(t, s.Connect(t, func(c connection.Command) {
		for _, key := range []string{"updates", "deletes"} {
			list, ok := c.Document.Lookup(key).ArrayOK()
			if name, _ := c.Document.Index(0).Value().StringValueOK(); !ok || name != mongotest.Things {
				continue
			}
			operations, _ := list.Values()
			for _, o := range operations {
				filters = append(filters, append(bson.Raw{}, o.Document().Lookup("q").Document()...))
			}
		}
	}))
	done, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, mongotest.Updates(ids[:20]...))
	if want := (mongodb.Written{Matched: 19, Modified: 19, Conflicts: 1}); err != nil || done != want {
		t.Errorf("%+v, %v", done, err)
	}
	deletions := []mongodb.Deletion{
		{ID: bsonvalue.Int(0), If: map[string]bsonvalue.Value{"v": bsonvalue.Int(2)}},
		{ID: bsonvalue.Int(3), If: map[string]bsonvalue.Value{"v": bsonvalue.Int(2)}},
	}
	if n, left, err := stores.NewJournal(w, "run").Delete(t.Context(), mongotest.Things, deletions); err != nil ||
		n != 1 || left != 1 {
		t.Errorf("%d deleted, %d left, %v", n, left, err)
	}
	if len(filters) != 20 {
		t.Errorf("%d writes were sent, want 20", len(filters))
	}
	for _, filter := range filters {
		if elements, _ := filter.Elements(); len(elements) != 1 {
			t.Errorf("a filter holds more than an _id: %s", filter)
		}
	}
}
