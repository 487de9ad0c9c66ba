package mongodb_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// sampled are the _ids of a sample of 30 documents.
func sampled(t *testing.T, r *mongodb.Reader) map[int64]bool {
	t.Helper()
	ids := map[int64]bool{}
	err := r.Sample(t.Context(), mongotest.Things, 30, func(doc bson.Raw) error {
		id := doc.Lookup("_id").AsInt64()
		if ids[id] {
			t.Errorf("the document %d comes twice", id)
		}
		ids[id] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func numberedThings(n int) (docs []bson.D) {
	for i := range n {
		docs = append(docs, bson.D{{Key: "_id", Value: i}})
	}
	return docs
}

// Seen to fail when only the ends were read.
func TestASampleHasBothEndsAndSomeDocumentsBetween(t *testing.T) {
	replicaSet := func(t *testing.T) mongotest.Server {
		return mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet}).URI)
	}
	refusing := func(t *testing.T) mongotest.Server {
		server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
		server.Watch(func(c strictmongo.Command) *strictmongo.Fault {
			if c.Name != "aggregate" {
				return nil
			}
			return &strictmongo.Fault{Error: strictmongo.Error{Code: 50, Name: "MaxTimeMSExpired"}}
		})
		return mongotest.At(t, server.URI)
	}
	for name, c := range map[string]struct {
		server  func(*testing.T) mongotest.Server
		between bool
	}{
		"the server that the tests use": {func(t *testing.T) mongotest.Server { return mongotest.New(t) },
			true},
		"a replica set": {replicaSet, true},
		"one that is not done with choosing any soon": {refusing, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.server(t)
			mongotest.Put(t, s, numberedThings(300)...)
			ids := sampled(t, s.Connect(t, nil).Reader())
			ends := 0
			for i := range int64(10) {
				if ids[i] && ids[299-i] {
					ends++
				}
			}
			if between := len(ids) - 20; ends != 10 || (between > 0) != c.between || between > 12 {
				t.Errorf("%d pairs of the ends, and %d between", ends, between)
			}
		})
	}
}

func TestASmallCollectionIsItsOwnSample(t *testing.T) {
	for _, n := range []int{1, 9, 10, 19} {
		s := mongotest.New(t)
		mongotest.Put(t, s, numberedThings(n)...)
		if ids := sampled(t, s.Connect(t, nil).Reader()); len(ids) != n {
			t.Errorf("%d of %d documents", len(ids), n)
		}
	}
}
