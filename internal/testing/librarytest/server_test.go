package librarytest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
)

var layouts = []librarytest.Layout{librarytest.UCoreFS, librarytest.Web, librarytest.Shop}

func TestAServerKeepsEveryGeneratedDocumentAsItIs(t *testing.T) {
	for _, layout := range layouts {
		for seed := range int64(8) {
			db, l := mongotest.New(t).DB, layout.Generate(seed, librarytest.Tiny)
			if err := layout.CreateCollections(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			if err := l.Insert(t.Context(), db); err != nil {
				t.Fatalf("%v, seed %d: %v", layout, seed, err)
			}
			expectStored(t, db, layout, l.Raw())
		}
	}
}

func TestAServerKeepsTheFixture(t *testing.T) {
	db, docs := mongotest.New(t).DB, librarytest.Fixture(librarytest.Desktop)
	if err := librarytest.InsertRaw(t.Context(), db, docs); err != nil {
		t.Fatal(err)
	}
	expectStored(t, db, librarytest.UCoreFS, docs)
}

// expectStored compares byte by byte.
func expectStored(t *testing.T, db *mongo.Database, layout librarytest.Layout, want librarytest.Docs) {
	t.Helper()
	got, err := layout.Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		if diff := cmp.Diff(librarytest.ByID(want[name]), librarytest.ByID(got[name])); diff != "" {
			t.Errorf("%v: %s came back changed (-inserted +stored):\n%s", layout, name, diff)
		}
	}
}

func TestASmartAlbumCountsWhatTheServerFinds(t *testing.T) {
	for _, layout := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web} {
		o := librarytest.TinyOptions(3)
		o.Layout, o.SmartAlbums = layout, 20
		l, db := librarytest.GenerateWith(3, o), mongotest.New(t).DB
		if err := l.Insert(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		counters := layout.Recount(l.Raw())["albums"]
		for _, album := range l.Raw()["albums"] {
			expectFound(t, db, album, counters[librarytest.Key(album.Lookup("_id"))])
		}
	}
}

func expectFound(t *testing.T, db *mongo.Database, album bson.Raw, counters map[string]int64) {
	t.Helper()
	smart, _ := album.Lookup("is_smart").BooleanOK()
	query, isQuery := album.Lookup("smart_query").DocumentOK()
	if !isQuery {
		query, isQuery = album.Lookup("query").DocumentOK()
	}
	if !smart || !isQuery {
		return
	}
	n, err := db.Collection("file_records").CountDocuments(t.Context(), query)
	if err != nil || n != counters["file_count"] {
		t.Errorf("%v finds %d (%v), counted %d", query, n, err, counters["file_count"])
	}
}

// A counter that is a number stays as far off as it was, whatever the writer does.
func TestAWriterKeepsCounters(t *testing.T) {
	for _, layout := range layouts {
		o := librarytest.TinyOptions(3)
		o.Layout, o.Drift = layout, 0
		l, db := librarytest.GenerateWith(3, o), mongotest.New(t).DB
		if err := l.Insert(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		w := librarytest.NewWriter(layout, 1, db, l.Raw())
		for range 30 {
			if err := w.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := w.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		expectRight(t, db, layout)
	}
}

func expectRight(t *testing.T, db *mongo.Database, layout librarytest.Layout) {
	t.Helper()
	docs, err := layout.Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range layout.Check(docs) {
		if v.Right != v.Total {
			t.Errorf("%v: %v", layout, v.Wrong)
		}
	}
}
