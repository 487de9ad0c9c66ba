package admin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

func TestSpaceIsReadFromWhateverCollStatsSays(t *testing.T) {
	blocks := func(free any) bson.D {
		return bson.D{{Key: "block-manager", Value: bson.D{{Key: "file bytes available for reuse", Value: free}}}}
	}
	sizes := bson.D{{Key: "storageSize", Value: int32(1000)}, {Key: "totalIndexSize", Value: 500.0}}
	with := func(more ...bson.E) bson.D { return append(sizes[:len(sizes):len(sizes)], more...) }
	for name, c := range map[string]struct {
		answer bson.D
		want   Space
	}{
		"WiredTiger: the free bytes of the documents and of every index": {
			with(bson.E{Key: "wiredTiger", Value: blocks(int32(100))}, bson.E{Key: "freeStorageSize", Value: int32(100)},
				bson.E{Key: "indexDetails", Value: bson.D{{Key: "_id_", Value: blocks(int64(20))},
					{Key: "path_1", Value: blocks(3.0)}}}),
			Space{Bytes: 1500, Reusable: 123, Known: true}},
		"another storage with one figure": {with(bson.E{Key: "freeStorageSize", Value: int64(7)}),
			Space{Bytes: 1500, Reusable: 7, Known: true}},
		"nothing free is a figure too": {with(bson.E{Key: "freeStorageSize", Value: int64(0)}),
			Space{Bytes: 1500, Known: true}},
		"a server that does not say": {with(), Space{Bytes: 1500}},
		"details of another shape": {
			with(bson.E{Key: "wiredTiger", Value: blocks(int32(1))}, bson.E{Key: "indexDetails",
				Value: bson.D{{Key: "_id_", Value: "none"}}}),
			Space{Bytes: 1500, Reusable: 1, Known: true}},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := bson.Marshal(c.answer)
			if err != nil {
				t.Fatal(err)
			}
			if got := spaceOf(raw); got != c.want {
				t.Errorf("spaceOf() = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestCompactIsForcedOnlyWhereClientsWriteAndAskedDryOnlyWhereItCanBe(t *testing.T) {
	for name, c := range map[string]struct {
		facts       connection.Facts
		hurts, asks bool
	}{
		"a primary of MongoDB 8": {connection.Facts{Version: "8.0.4", Topology: connection.ReplicaSet, Primary: true}, true,
			true},
		"a secondary of MongoDB 7": {connection.Facts{Version: "7.0.1", Topology: connection.ReplicaSet}, false, false},
		"a mongos": {connection.Facts{Version: "10.1.0", Topology: connection.Sharded, Primary: true}, true,
			true},
		"a server alone": {connection.Facts{Version: "8.2.0", Topology: connection.Standalone, Primary: true}, false, true},
		"FerretDB 1, whatever MongoDB it claims to be": {connection.Facts{Version: "8.0.0", FerretDB: "1.24.2",
			Topology: connection.Standalone, Primary: true}, true, false},
		"FerretDB 2": {connection.Facts{Version: "8.0.0", FerretDB: "2.7.0", Topology: connection.Standalone,
			Primary: true}, false, false},
		"a version that is none": {connection.Facts{Version: "unknown", Topology: connection.Standalone}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.facts.CompactionHurts(); got != c.hurts {
				t.Errorf("CompactionHurts() = %v", got)
			}
			if got := c.facts.CompactsDry(); got != c.asks {
				t.Errorf("CompactsDry() = %v", got)
			}
			want := bson.D{{Key: "compact", Value: "files"}}
			if c.hurts {
				want = append(want, bson.E{Key: "force", Value: true})
			}
			if diff := cmp.Diff(want, compactCommand(c.facts, "files", false)); diff != "" {
				t.Errorf("the command (-want +got):\n%s", diff)
			}
			want = append(want, bson.E{Key: "dryRun", Value: true})
			if diff := cmp.Diff(want, compactCommand(c.facts, "files", true)); diff != "" {
				t.Errorf("the command as a dry run (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnIndexIsSpecialByAllThatChangesWhatItHolds(t *testing.T) {
	raw, err := bson.Marshal(bson.D{
		{Key: "v", Value: int32(2)}, {Key: "ns", Value: "db.files"}, {Key: "background", Value: true},
		{Key: "name", Value: "mine"},
		{Key: "key", Value: bson.D{{Key: "a", Value: int32(1)}, {Key: "b", Value: -1.0}, {Key: "c", Value: "text"}}},
		{Key: "unique", Value: true}, {Key: "sparse", Value: true}, {Key: "hidden", Value: false}, {Key: "expireAfterSeconds",
			Value: int32(60)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Index{
		Name: "mine", Unique: true, Keys: []IndexKey{{"a", "1"}, {"b", "-1"}, {"c", "text"}},
		Options: []string{`expireAfterSeconds: {"$numberInt":"60"}`, "sparse: true"},
	}
	if diff := cmp.Diff(want, indexOf(raw)); diff != "" {
		t.Errorf("indexOf() (-want +got):\n%s", diff)
	}
}
