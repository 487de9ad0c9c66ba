package librarytest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb/mongotest"
)

func TestAServerKeepsEveryGeneratedDocumentAsItIs(t *testing.T) {
	db := mongotest.New(t).DB
	for seed := range int64(40) {
		l := librarytest.Generate(seed, librarytest.Tiny)
		insertAndCompare(t, db, seed, l)
		for name := range l.Docs {
			if err := db.Collection(name).Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAServerKeepsTheDemo(t *testing.T) {
	insertAndCompare(t, mongotest.New(t).DB, 1, librarytest.Generate(1, librarytest.Demo))
}

func insertAndCompare(t *testing.T, db *mongo.Database, seed int64, l librarytest.Library) {
	t.Helper()
	if err := l.Insert(t.Context(), db); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	for name, want := range librarytest.Raw(l.Docs) {
		var got []bson.Raw
		cursor, err := db.Collection(name).Find(t.Context(), bson.D{})
		if err == nil {
			err = cursor.All(t.Context(), &got)
		}
		if err != nil {
			t.Fatalf("seed %d: read %s: %v", seed, name, err)
		}
		if diff := cmp.Diff(librarytest.ByID(want), librarytest.ByID(got)); diff != "" {
			t.Errorf("seed %d: %s came back changed (-inserted +stored):\n%s", seed, name, diff)
		}
	}
}
