package mongodb_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/mongotest"
)

func insert(t *testing.T, s mongotest.Server, collection string, docs ...bson.D) {
	t.Helper()
	if _, err := s.DB.Collection(collection).InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func TestIndexesAreListedAsTheyWereCreated(t *testing.T) {
	s := mongotest.New(t)
	d := s.Connect(t, nil)
	if list, err := d.Indexes(t.Context(), "embeddings"); err != nil || len(list) > 0 {
		t.Errorf("of a collection that does not exist: %v, %v", list, err)
	}
	insert(t, s, "embeddings", bson.D{{Key: "_id", Value: 1}})
	for range 2 { // the second time it is there already
		if err := d.CreateIndex(t.Context(), "embeddings", "provider_1_file_id_1", []string{"provider", "file_id"}, true); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Indexes(t.Context(), "embeddings")
	if err != nil {
		t.Fatal(err)
	}
	want := []mongodb.Index{
		{Name: "_id_", Keys: []mongodb.IndexKey{{Field: "_id", Order: "1"}}},
		{Name: "provider_1_file_id_1", Keys: []mongodb.IndexKey{{Field: "provider", Order: "1"}, {Field: "file_id", Order: "1"}}, Unique: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the indexes (-want +got):\n%s", diff)
	}
	names, err := d.Collections(t.Context())
	if diff := cmp.Diff([]string{"embeddings"}, names); err != nil || diff != "" {
		t.Errorf("the collections: %v (-want +got):\n%s", err, diff)
	}
}

func TestDuplicatesAreWhatStandsInTheWayOfAUniqueIndex(t *testing.T) {
	s := mongotest.New(t)
	d := s.Connect(t, nil)
	one, two := bson.NewObjectID(), bson.NewObjectID()
	insert(t, s, "embeddings",
		bson.D{{Key: "_id", Value: 1}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: one}},
		bson.D{{Key: "_id", Value: 2}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: two}},
		bson.D{{Key: "_id", Value: 3}, {Key: "provider", Value: "blip"}, {Key: "file_id", Value: one}},
		bson.D{{Key: "_id", Value: 4}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: one}},
		bson.D{{Key: "_id", Value: 5}, {Key: "provider", Value: "clip"}, {Key: "file_id", Value: nil}},
		bson.D{{Key: "_id", Value: 6}, {Key: "provider", Value: "clip"}},
	)
	got, err := d.Duplicates(t.Context(), "embeddings", []string{"provider", "file_id"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Documents != 2 || len(got.Sample) != 2 || !strings.Contains(strings.Join(got.Sample, "\n"), one.Hex()) {
		t.Errorf("Duplicates() = %+v, want the documents 4 and 6", got)
	}
	var not *mongodb.RefusedError
	err = d.CreateIndex(t.Context(), "embeddings", "provider_1_file_id_1", []string{"provider", "file_id"}, true)
	if !errors.As(err, &not) || not.Command != "createIndexes" {
		t.Errorf("CreateIndex() = %v, want a *RefusedError", err)
	}
}

func TestSpaceAndCompactionOfARealCollection(t *testing.T) {
	s := mongotest.New(t)
	d := s.Connect(t, nil)
	insert(t, s, "files", bson.D{{Key: "_id", Value: 1}})
	space, err := d.Space(t.Context(), "files", true)
	if err != nil || space.Bytes == 0 || !space.Known {
		t.Errorf("Space() = %+v, %v", space, err)
	}
	if freed, err := d.Compact(t.Context(), "files"); err != nil || freed != 0 {
		t.Errorf("Compact() of what is compact = %d, %v", freed, err)
	}
}

func TestWhatTheServerRefusesIsAnErrorThatNamesTheCommand(t *testing.T) {
	d := mongotest.New(t).Connect(t, nil)
	var not *mongodb.RefusedError
	if _, err := d.Compact(t.Context(), "there-is-none"); !errors.As(err, &not) || not.Command != "compact" || not.Collection != "there-is-none" {
		t.Errorf("Compact() = %v, want a *RefusedError", err)
	}
}
