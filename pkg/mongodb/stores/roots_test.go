package stores_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
)

func TestARootIsRememberedAsItIs(t *testing.T) {
	s := mongotest.New(t)
	w := s.Writer(t)
	want := map[string]roots.Known{
		"/data": {Path: "/data", FileSystem: "ef53:1", Inode: 1<<64 - 1, Marker: "m", Mounts: []string{"disk"},
			Sample: []string{"line\nbreak", "é"}},
		"/bare": {Path: "/bare", FileSystem: "6969:0", Inode: 2},
	}
	for range 2 {
		for _, k := range want {
			if err := stores.SaveRoot(t.Context(), w, k); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := stores.KnownRoots(t.Context(), w.Reader)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-saved +read):\n%s", err, diff)
	}
}

func TestARootWhoseRecordCannotBeReadIsAnErrorAndNotANewRoot(t *testing.T) {
	s := mongotest.New(t)
	if _, err := s.DB.Collection(stores.RootsCollection).InsertOne(t.Context(), bson.D{{Key: "_id", Value: "/data"},
		{Key: "inode", Value: "two"}}); err != nil {
		t.Fatal(err)
	}
	if got, err := stores.KnownRoots(t.Context(), s.Connect(t, nil).Reader()); err == nil {
		t.Errorf("read %v", got)
	}
}
