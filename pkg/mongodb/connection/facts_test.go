package connection

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestDecideFacts(t *testing.T) {
	mongoDB := func(version string, topology Topology) Facts {
		return Facts{Version: version, Topology: topology, Primary: true,
			MaxUpdates: 1000, MaxDeletes: 1000, MaxInserts: 1000, PageByID: true, MaxStatement: 8 << 20, MaxCursors: 8}
	}
	ferretDB1 := func(version string) Facts {
		f := mongoDB("7.0.42", Standalone)
		f.FerretDB, f.MaxUpdates, f.MaxDeletes, f.PageByID, f.ScansForConditions = version, 10, 10, false, true
		f.MaxCursors = 1
		return f
	}
	ferretDB2 := mongoDB("7.0.77", Standalone)
	ferretDB2.FerretDB, ferretDB2.MaxCursors = "2.7.0", 1
	secondary := mongoDB("7.0.12", ReplicaSet)
	secondary.Primary = false
	primary := hello{Writable: true}
	member := hello{Writable: true, SetName: "rs0"}
	_, thirty, _ := bson.MarshalValue(int32(30))
	sessions := bson.RawValue{Type: bson.TypeInt32, Value: thirty}
	ownGetMore := func(f Facts) Facts { f.OwnGetMore = true; return f }
	for name, c := range map[string]struct {
		version, ferretDB string
		hello             hello
		want              Facts
	}{
		"MongoDB 4.4, standalone": {"4.4.29", "", primary, mongoDB("4.4.29", Standalone)},
		"MongoDB 4.4.1, which knows only ismaster": {"4.4.1", "", hello{IsMaster: true},
			mongoDB("4.4.1", Standalone)},
		"MongoDB 5, replica set": {"5.0.31", "", member, mongoDB("5.0.31", ReplicaSet)},
		"MongoDB 6, sharded": {"6.0.20", "", hello{Writable: true, Msg: "isdbgrid"},
			mongoDB("6.0.20", Sharded)},
		"MongoDB 7, secondary":                         {"7.0.12", "", hello{SetName: "rs0"}, secondary},
		"MongoDB 8, replica set":                       {"8.0.4", "", member, mongoDB("8.0.4", ReplicaSet)},
		"DocumentDB, which calls itself a replica set": {"5.0.0", "", member, mongoDB("5.0.0", ReplicaSet)},
		"FerretDB 1":                                   {"7.0.42", "v1.24.2", primary, ferretDB1("1.24.2")},
		"FerretDB 1, built from its module":            {"7.0.42", "unknown", primary, ferretDB1("unknown")},
		"FerretDB of a version that no one can read":   {"7.0.42", "devel", primary, ferretDB1("devel")},
		"FerretDB 2":                                   {"7.0.77", "v2.7.0", primary, ferretDB2},
		"FerretDB 10 is later than 2": {"7.0.77", "10.0.0", primary,
			func() Facts { f := ferretDB2; f.FerretDB = "10.0.0"; return f }()},
		"MongoDB with sessions": {"8.0.4", "", hello{Writable: true, Sessions: sessions},
			ownGetMore(mongoDB("8.0.4", Standalone))},
		"MongoDB with sessions, replica set": {"8.0.4", "", hello{Writable: true, SetName: "rs0",
			Sessions: sessions}, ownGetMore(mongoDB("8.0.4", ReplicaSet))},
		"MongoDB with sessions, sharded": {"8.0.4", "", hello{Writable: true, Msg: "isdbgrid",
			Sessions: sessions}, mongoDB("8.0.4", Sharded)},
		"FerretDB 1 with sessions": {"7.0.42", "v1.24.2",
			hello{Writable: true, Sessions: sessions}, ferretDB1("1.24.2")},
		"FerretDB 1.2 is version 1, though it begins with 1.2": {"7.0.42", "v1.2.0", primary, ferretDB1("1.2.0")},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, decideFacts(c.version, c.ferretDB, c.hello)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBothFerretDBsSayWhatTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		answer bson.M
		want   string
	}{
		"FerretDB 1": {bson.M{"version": "7.0.42", "ferretdbVersion": "v1.24.2"}, "v1.24.2"},
		"FerretDB 2": {bson.M{"version": "7.0.77", "ferretdb": bson.M{"version": "v2.7.0", "package": "docker"}}, "v2.7.0"},
		"MongoDB":    {bson.M{"version": "7.0.12"}, ""},
	} {
		raw, err := bson.Marshal(c.answer)
		if err != nil {
			t.Fatal(err)
		}
		var b buildInfo
		if err := bson.Unmarshal(raw, &b); err != nil || b.ferretDB() != c.want {
			t.Errorf("%s: %q, %v", name, b.ferretDB(), err)
		}
	}
}
