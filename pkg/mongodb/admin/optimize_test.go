package admin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

func insert(t *testing.T, s mongotest.Server, collection string, docs ...bson.D) {
	t.Helper()
	if _, err := s.DB.Collection(collection).InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func TestIndexesAreListedAsTheyWereCreated(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	if list, err := admin.Indexes(t.Context(), w.Reader, "embeddings"); err != nil || len(list) > 0 {
		t.Errorf("of a collection that does not exist: %v, %v", list, err)
	}
	insert(t, s, "embeddings", bson.D{{Key: "_id", Value: 1}})
	for range 2 { // the second time it is there already
		err := admin.CreateIndex(t.Context(), w, "embeddings", "provider_1_file_id_1", []string{"provider", "file_id"}, true)
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := admin.Indexes(t.Context(), w.Reader, "embeddings")
	if err != nil {
		t.Fatal(err)
	}
	want := []admin.Index{
		{Name: "_id_", Keys: []admin.IndexKey{{Field: "_id", Order: "1"}}},
		{Name: "provider_1_file_id_1", Keys: []admin.IndexKey{{Field: "provider", Order: "1"},
			{Field: "file_id", Order: "1"}}, Unique: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the indexes (-want +got):\n%s", diff)
	}
	names, err := w.Collections(t.Context())
	if diff := cmp.Diff([]string{"embeddings", mongodb.LocksCollection}, names); err != nil || diff != "" {
		t.Errorf("the collections: %v (-want +got):\n%s", err, diff)
	}
}

func TestDuplicatesAreWhatStandsInTheWayOfAUniqueIndex(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	one, two := bson.NewObjectID(), bson.NewObjectID()
	insert(t, s, "embeddings",
		bson.D{{Key: "_id", Value: 1}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: one}},
		bson.D{{Key: "_id", Value: 2}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: two}},
		bson.D{{Key: "_id", Value: 3}, {Key: "provider", Value: "blip"}, {Key: "file_id", Value: one}},
		bson.D{{Key: "_id", Value: 4}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: one}},
		bson.D{{Key: "_id", Value: 5}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: nil}},
		bson.D{{Key: "_id", Value: 6}, {Key: "provider", Value: "clip"}},
	)
	got, err := admin.FindDuplicates(t.Context(), w.Reader, "embeddings", []string{"provider", "file_id"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Documents != 2 || len(got.Sample) != 2 || !strings.Contains(strings.Join(got.Sample, "\n"), one.Hex()) {
		t.Errorf("Duplicates() = %+v, want the documents 4 and 6", got)
	}
	var not *connection.RefusedError
	err = admin.CreateIndex(t.Context(), w, "embeddings", "provider_1_file_id_1", []string{"provider", "file_id"}, true)
	if !errors.As(err, &not) || not.Command != "createIndexes" {
		t.Errorf("CreateIndex() = %v, want a *RefusedError", err)
	}
}

func TestCompactionReturnsTheBytesThatWereFree(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	text := strings.Repeat("x", 1000)
	var docs []bson.D
	for i := range 2000 {
		docs = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "text", Value: text}})
	}
	insert(t, s, "files", docs...)
	if _, err := s.DB.Collection("files").DeleteMany(t.Context(),
		bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: 10}}}}); err != nil {
		t.Fatal(err)
	}
	before, err := admin.MeasureSpace(t.Context(), w.Reader, "files", true)
	if err != nil || !before.Known {
		t.Fatalf("Space() = %+v, %v", before, err)
	}
	freed, err := admin.Compact(t.Context(), w, w.Reader, "files")
	if err != nil || freed < 1_000_000 {
		t.Errorf("Compact() = %d, %v, where there was %+v", freed, err, before)
	}
	after, err := admin.MeasureSpace(t.Context(), w.Reader, "files", true)
	if err != nil || after.Bytes != before.Bytes-freed {
		t.Errorf("%d bytes were freed, and %+v became %+v, %v", freed, before, after, err)
	}
	if freed, err := admin.Compact(t.Context(), w, w.Reader, "files"); err != nil || freed != 0 {
		t.Errorf("Compact() of what is compact = %d, %v", freed, err)
	}
}

func TestWhatTheServerRefusesIsAnErrorThatNamesTheCommand(t *testing.T) {
	w := mongotest.New(t).Writer(t)
	var not *connection.RefusedError
	_, err := admin.Compact(t.Context(), w, w.Reader, "there-is-none")
	if !errors.As(err, &not) || not.Command != "compact" || not.Collection != "there-is-none" {
		t.Errorf("Compact() = %v, want a *RefusedError", err)
	}
}
