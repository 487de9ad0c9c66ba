package mongodb_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Seen to fail when the filter was a plain equality: null then matched a missing field, and a number an array that
// holds it; and when null was a type alone, which an array of nulls has, too.
func TestUpdateWritesOnlyWhatIsStillThere(t *testing.T) {
	absent := bson.D(nil)
	v := func(x any) bson.D { return bson.D{{Key: "v", Value: x}} }
	for name, c := range map[string]struct {
		stored bson.D // besides the _id
		old    bsonvalue.Value
		writes bool
	}{
		"the same number":                  {v(int32(1)), bsonvalue.Int(1), true},
		"the same number of another type":  {v(1.0), bsonvalue.Int(1), true},
		"another number":                   {v(int32(2)), bsonvalue.Int(1), false},
		"an array that holds the number":   {v(bson.A{1}), bsonvalue.Int(1), false},
		"the number as a text":             {v("1"), bsonvalue.Int(1), false},
		"the same text":                    {v("a"), mongotest.Of(t, "a"), true},
		"another text":                     {v("b"), mongotest.Of(t, "a"), false},
		"null that is still null":          {v(nil), mongotest.Of(t, bson.Null{}), true},
		"null, where the field is missing": {absent, mongotest.Of(t, bson.Null{}), false},
		"missing, and still missing":       {absent, bsonvalue.Value{}, true},
		"missing, where there is null":     {v(nil), bsonvalue.Value{}, false},
		"missing, where there is a value":  {v(0), bsonvalue.Value{}, false},
		"the same array":                   {v(bson.A{"a", "b"}), mongotest.Of(t, bson.A{"a", "b"}), true},
		"the array in another order":       {v(bson.A{"b", "a"}), mongotest.Of(t, bson.A{"a", "b"}), false},
		"the array with one more":          {v(bson.A{"a", "b", "c"}), mongotest.Of(t, bson.A{"a", "b"}), false},
		"an empty array":                   {v(bson.A{}), mongotest.Of(t, bson.A{}), true},
		"the same document": {v(bson.D{{Key: "a", Value: 1}}), mongotest.Of(t, bson.D{{Key: "a", Value: 1}}),
			true},
		"another document":         {v(bson.D{{Key: "a", Value: 2}}), mongotest.Of(t, bson.D{{Key: "a", Value: 1}}), false},
		"an array that holds null": {v(bson.A{nil}), mongotest.Of(t, bson.Null{}), false},
		"a fraction":               {v(0.1), mongotest.Of(t, 0.1), true},
		"a giant":                  {v(int64(math.MaxInt64)), bsonvalue.Int(math.MaxInt64), true},
		"the giant beside it":      {v(int64(math.MaxInt64 - 1)), bsonvalue.Int(math.MaxInt64), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			mongotest.Put(t, s, append(bson.D{{Key: "_id", Value: "x"}}, c.stored...))
			before := s.Documents(t, mongotest.Things)
			update := mongodb.Update{ID: mongotest.Of(t, "x"), Fields: []mongodb.Field{{Name: "v", Old: c.old, New: "new"}}}
			got, err := s.Writer(t).Update(t.Context(), mongotest.Things, []mongodb.Update{update})
			if err != nil {
				t.Fatal(err)
			}
			want := mongodb.Written{Conflicts: 1}
			if c.writes {
				want = mongodb.Written{Matched: 1, Modified: 1}
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if !c.writes {
				if diff := cmp.Diff(before, s.Documents(t, mongotest.Things)); diff != "" {
					t.Errorf("the document changed:\n%s", diff)
				}
			} else if mongotest.Value(t, s, "x") != `"new"` {
				t.Errorf("it holds %s", mongotest.Value(t, s, "x"))
			}
		})
	}
}

func TestADocumentThatIsGoneIsNotMadeAgain(t *testing.T) {
	s := mongotest.New(t)
	got, err := s.Writer(t).Update(t.Context(), mongotest.Things, mongotest.Updates(1))
	if want := (mongodb.Written{Conflicts: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if docs := s.Documents(t, mongotest.Things); len(docs) != 0 {
		t.Errorf("documents: %v", docs)
	}
}

// An update command with many matching operations hangs FerretDB 1, and every other client with it: with PostgreSQL
// from 50 on, of all clients together. No command may carry more than Facts say. A hang would show as this test's
// timeout; the sizes show it before.
//
// Seen to fail when Update sent all in one command.
func TestNoCommandIsLargerThanTheServerTakes(t *testing.T) {
	const documents = 220
	s := mongotest.New(t)
	sizes := &commands{}
	w := mongotest.Writer(t, s.Connect(t, sizes.note))
	var docs []bson.D
	var ids []int64
	var deletions []mongodb.Deletion
	for i := range int64(documents) {
		docs = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "v", Value: 1}})
		ids = append(ids, i)
		deletions = append(deletions, mongodb.Deletion{ID: bsonvalue.Int(i),
			If: map[string]bsonvalue.Value{"v": bsonvalue.Int(2)}})
	}
	mongotest.Put(t, s, docs...)
	got, err := w.Update(t.Context(), mongotest.Things, mongotest.Updates(ids...))
	if err != nil || got != (mongodb.Written{Matched: documents, Modified: documents}) {
		t.Errorf("Update: %+v, %v", got, err)
	}
	for id, doc := range s.Documents(t, mongotest.Things) {
		if bsonvalue.Reference(doc, "v") != bsonvalue.Int(2) {
			t.Fatalf("%s: %s", id, doc)
		}
	}
	if n, err := w.Delete(t.Context(), mongotest.Things, deletions); err != nil || n != documents {
		t.Errorf("Delete: %d, %v", n, err)
	}
	sizes.check(t, w.Facts())
}

// commands are the sizes of the write commands that were sent.
type commands struct {
	mu   sync.Mutex
	seen []string
	most map[string]int
}

func (c *commands) note(command connection.Command) {
	for _, name := range []string{"updates", "deletes"} {
		list, ok := command.Document.Lookup(name).ArrayOK()
		if !ok {
			continue
		}
		values, _ := list.Values()
		c.mu.Lock()
		if c.most == nil {
			c.most = map[string]int{}
		}
		c.most[name] = max(c.most[name], len(values))
		c.seen = append(c.seen, fmt.Sprint(name, " ", len(values)))
		c.mu.Unlock()
	}
}

func (c *commands) check(t *testing.T, f connection.Facts) {
	t.Helper()
	if f.FerretDB == "" || f.MaxUpdates > 10 || f.MaxDeletes > 10 {
		t.Fatalf("this test wants FerretDB 1, and is given %+v", f)
	}
	if c.most["updates"] == 0 || c.most["updates"] > f.MaxUpdates || c.most["deletes"] == 0 ||
		c.most["deletes"] > f.MaxDeletes {
		t.Errorf("commands: %s", strings.Join(c.seen, ", "))
	}
}

// Seen to fail when the condition was left out.
func TestDeleteSparesWhatHasChanged(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}}, bson.D{{Key: "_id", Value: 2},
		{Key: "v", Value: bson.A{1}}},
		bson.D{{Key: "_id", Value: 3}}, bson.D{{Key: "_id", Value: "1"}, {Key: "v", Value: 1}})
	var deletions []mongodb.Deletion
	for id := range int64(5) {
		deletions = append(deletions, mongodb.Deletion{ID: bsonvalue.Int(id),
			If: map[string]bsonvalue.Value{"v": bsonvalue.Int(1)}})
	}
	n, err := s.Writer(t).Delete(t.Context(), mongotest.Things, deletions)
	if err != nil || n != 1 {
		t.Errorf("%d were deleted, %v", n, err)
	}
	if left := s.Documents(t, mongotest.Things); len(left) != 3 {
		t.Errorf("left: %v", left)
	}
}

// Seen to fail, with an error of the driver, when a field was set to null.
func TestAppliedTellsNullFromAnythingElse(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "f", Value: nil}}, bson.D{{Key: "_id", Value: 2},
		{Key: "f", Value: 0}}, bson.D{{Key: "_id", Value: 3}})
	var updates []mongodb.Update
	for id := range int64(4) {
		updates = append(updates, mongodb.Update{ID: bsonvalue.Int(id + 1), Fields: []mongodb.Field{{Name: "f", New: nil}}})
	}
	applied, err := s.Writer(t).Applied(t.Context(), mongotest.Things, updates, mongodb.Written{Conflicts: 1})
	if diff := cmp.Diff([]bool{true, false, false, false}, applied); diff != "" || err != nil {
		t.Errorf("applied (-want +got), %v:\n%s", err, diff)
	}
}
