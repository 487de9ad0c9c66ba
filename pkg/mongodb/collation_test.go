package mongodb_test

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// folded is a server with a collection whose default collation ignores case, and one document in it.
func folded(t *testing.T) mongotest.Server {
	t.Helper()
	s := mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet}).URI)
	ignoresCase := options.CreateCollection().SetCollation(&options.Collation{Locale: "en", Strength: 2})
	if err := s.DB.CreateCollection(t.Context(), mongotest.Things, ignoresCase); err != nil {
		t.Fatal(err)
	}
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: "x"}, {Key: "name", Value: "Beach"}})
	return s
}

// Somebody wrote "Beach" where "beach" was: that is another value. Seen to fail with the collection's own collation.
func TestADefaultCollationWeakensNoComparison(t *testing.T) {
	s := folded(t)
	w, id := s.Writer(t), mongotest.Of(t, "x")
	for name, c := range map[string]struct {
		old      string
		conflict bool
	}{
		"another case": {"beach", true},
		"the same":     {"Beach", false},
	} {
		t.Run(name, func(t *testing.T) {
			field := mongodb.Field{Name: "name", Old: mongotest.Of(t, c.old), New: "Beach"}
			got, err := w.Update(t.Context(), mongotest.Things, []mongodb.Update{{ID: id, Fields: []mongodb.Field{field}}})
			if err != nil || (got.Conflicts == 1) != c.conflict {
				t.Errorf("Update() = %+v, %v", got, err)
			}
		})
	}
	only := map[string]bsonvalue.Value{"name": mongotest.Of(t, "beach")}
	if n, err := w.Delete(t.Context(), mongotest.Things, []mongodb.Deletion{{ID: id, If: only}}); n != 0 || err != nil {
		t.Errorf("Delete() = %d, %v", n, err)
	}
}

// The application finds the document "x" where a reference says "X", so that the reference is not dangling; and yet it
// is another id than that of the document. Seen to fail with every reference in another case dangling.
func TestIDsThatACollectionFindsEqual(t *testing.T) {
	r := folded(t).Connect(t, nil).Reader()
	upper, lower, none := mongotest.Of(t, "X"), mongotest.Of(t, "x"), mongotest.Of(t, "y")
	found, err := r.Existing(t.Context(), mongotest.Things, []bsonvalue.ID{upper, none, bsonvalue.Int(1)})
	if err != nil || !found.Has(upper) || found.Has(none) || found.Has(bsonvalue.Int(1)) {
		t.Errorf("Existing() = %v, %v", slices.Collect(found.All()), err)
	}
	err = r.Documents(t.Context(), mongotest.Things, []bsonvalue.ID{upper}, nil, func(doc bson.Raw) error {
		t.Errorf("Documents() of another id gives %s", doc)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if doc, err := r.Document(t.Context(), mongotest.Things, upper); doc != nil || err != nil {
		t.Errorf("Document() of another id = %s, %v", doc, err)
	}
	if doc, err := r.Document(t.Context(), mongotest.Things, lower); doc == nil || err != nil {
		t.Errorf("Document() = %s, %v", doc, err)
	}
}

func TestACollectionFoldsWhereItsCollationDoes(t *testing.T) {
	s := folded(t)
	if _, err := s.DB.Collection("plain").InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}}); err != nil {
		t.Fatal(err)
	}
	r := s.Connect(t, nil).Reader()
	for collection, want := range map[string]bool{mongotest.Things: true, "plain": false, "absent": false} {
		if got, err := r.Folds(t.Context(), collection); got != want || err != nil {
			t.Errorf("Folds(%s) = %v, %v", collection, got, err)
		}
	}
}

// Fields in another order make another id, numbers of another type do not, and names with a dot are only names.
func TestSubDocumentsAsIDs(t *testing.T) {
	d := func(pairs ...any) (doc bson.D) {
		for i := 0; i < len(pairs); i += 2 {
			doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return doc
	}
	for _, form := range []strictmongo.Form{strictmongo.Standalone, strictmongo.Mongos} {
		s := mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: form}).URI)
		for _, id := range []bson.D{d("a", int32(1), "b", "x"), d("a.b", 1), d("a", d("b", 1)), d()} {
			mongotest.Put(t, s, d("_id", id))
		}
		r := s.Connect(t, nil).Reader()
		for name, c := range map[string]struct {
			id    bson.D
			there bool
		}{
			"a number of another type":  {d("a", int64(1), "b", "x"), true},
			"fields in another order":   {d("b", "x", "a", 1), false},
			"a part of it":              {d("a", 1), false},
			"a name with a dot":         {d("a.b", 1.0), true},
			"a document in it":          {d("a", d("b", int64(1))), true},
			"nothing in it":             {d(), true},
			"a name that is a command":  {d("$gt", ""), false},
			"a text in another case":    {d("a", 1, "b", "X"), false},
			"a document and a list":     {d("a", bson.A{d("b", 1)}), false},
			"null in place of a number": {d("a", nil, "b", "x"), false},
		} {
			id := mongotest.Of(t, c.id)
			found, err := r.Existing(t.Context(), mongotest.Things, []bsonvalue.ID{id})
			if err != nil || found.Has(id) != c.there {
				t.Errorf("%s: %s is there: %v, %v", form, name, found.Has(id), err)
			}
			if doc, err := r.Document(t.Context(), mongotest.Things, id); (doc != nil) != c.there || err != nil {
				t.Errorf("%s: %s is %s, %v", form, name, doc, err)
			}
		}
	}
}
