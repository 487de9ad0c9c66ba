package stores_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

func TestCheckpoints(t *testing.T) {
	s := mongotest.New(t)
	store := stores.Checkpoints(s.Writer(t))
	key := checkpoint.Key{Task: "background-count-verification", Version: 1, Plan: "p"}
	expect := func(k checkpoint.Key, want string) {
		t.Helper()
		state, err := store.Load(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := state.Lookup("at").StringValueOK(); got != want || (state == nil) != (want == "") {
			t.Errorf("%+v: got %s, want %q", k, state, want)
		}
	}
	save := func(k checkpoint.Key, at string) {
		t.Helper()
		if err := store.Save(t.Context(), k, bson.D{{Key: "at", Value: at}, {Key: "$and", Value: 1}}); err != nil { // a key that FerretDB 1 stores in no document
			t.Fatal(err)
		}
	}
	expect(key, "")
	save(key, "one")
	save(key, "two")
	expect(key, "two")
	others := []checkpoint.Key{{Task: key.Task, Version: 2, Plan: "p"}, {Task: key.Task, Version: 1, Plan: "q"},
		{Task: key.Task, Version: 1}, {Task: "another", Version: 1, Plan: "p"}}
	for _, other := range others {
		expect(other, "")
	}
	save(others[0], "another version")
	save(others[3], "another task")
	expect(key, "two")
	if err := store.Clear(t.Context(), key.Task); err != nil {
		t.Fatal(err)
	}
	expect(key, "")
	expect(others[0], "")
	expect(others[3], "another task")
}

func TestACheckpointThatIsNoneIsIgnored(t *testing.T) {
	s := mongotest.New(t)
	store := stores.Checkpoints(s.Writer(t))
	key := checkpoint.Key{Task: "t", Version: 1}
	if err := store.Save(t.Context(), key, bson.D{{Key: "at", Value: "one"}}); err != nil {
		t.Fatal(err)
	}
	broken := bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: []byte{9, 0, 0, 0, 1}}}}}
	if _, err := s.DB.Collection(mongodb.CheckpointsCollection).UpdateMany(t.Context(), bson.D{}, broken); err != nil {
		t.Fatal(err)
	}
	if state, err := store.Load(t.Context(), key); err != nil || state != nil {
		t.Errorf("got %s, %v", state, err)
	}
}
