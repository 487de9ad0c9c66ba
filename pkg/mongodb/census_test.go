package mongodb_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/mongodb"
)

func TestCensusCountsDocumentsAndEntriesByKind(t *testing.T) {
	list := bson.A{1.0}
	entry := func(v, at any) bson.D { return bson.D{{Key: "v", Value: v}, {Key: "at", Value: at}} }
	entries := func(pairs ...any) (d bson.D) {
		for i := 0; i < len(pairs); i += 2 {
			d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return d
	}
	for name, c := range map[string]struct {
		docs   []bson.D
		census mongodb.Census
		want   []string
	}{
		"documents": {
			[]bson.D{
				{{Key: "_id", Value: 1}, {Key: "key", Value: "a"}, {Key: "v", Value: list}, {Key: "at", Value: 7}},
				{{Key: "_id", Value: 2}, {Key: "key", Value: "a"}, {Key: "v", Value: list}, {Key: "at", Value: 5}},
				{{Key: "_id", Value: 3}, {Key: "key", Value: "a"}, {Key: "v", Value: list}, {Key: "at", Value: nil}},
				{{Key: "_id", Value: 4}},
			},
			mongodb.Census{Key: "key", Value: "v", Stamp: "at"},
			[]string{` missing missing 1 null {"$numberInt":"4"}`, `"a" array int 2 {"$numberInt":"7"} {"$numberInt":"2"}`,
				`"a" array null 1 null {"$numberInt":"3"}`},
		},
		"entries": {
			[]bson.D{
				{{Key: "_id", Value: 1}, {Key: "map", Value: entries("a", entry(list, "x"), "b", entry(list, "y"))}},
				{{Key: "_id", Value: 2}, {Key: "map", Value: entries("a", entry(nil, "z"), "b", entry(list, "w"))}},
				{{Key: "_id", Value: 3}, {Key: "map", Value: nil}},
				{{Key: "_id", Value: 4}},
			},
			mongodb.Census{Entries: "map", Value: "v", Stamp: "at"},
			[]string{`"a" array string 1 "x" {"$numberInt":"1"}`, `"a" null string 1 "z" {"$numberInt":"2"}`,
				`"b" array string 2 "y" {"$numberInt":"2"}`},
		},
		"nothing": {nil, mongodb.Census{Key: "key", Value: "v", Stamp: "at"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := strictThings(t, c.docs)
			c.census.Collection = mongotest.Things
			kinds, err := r.Census(t.Context(), c.census)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range kinds {
				got = append(got, fmt.Sprint(k.Of.Key, " ", k.Of.Value, " ", k.Of.Stamp, " ", k.Count, " ", k.Newest, " ",
					k.Greatest))
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
		})
	}
}

// strictThings reads documents on the server that knows what a census asks.
func strictThings(t *testing.T, docs []bson.D) *mongodb.Reader {
	t.Helper()
	s := mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet}).URI)
	if len(docs) > 0 {
		mongotest.Put(t, s, docs...)
	}
	return s.Connect(t, nil).Reader()
}

func TestACensusOfWhatIsNoMapIsAnError(t *testing.T) {
	r := strictThings(t, []bson.D{{{Key: "_id", Value: 1}, {Key: "map", Value: bson.A{}}}})
	if _, err := r.Census(t.Context(), mongodb.Census{Collection: mongotest.Things, Entries: "map", Value: "v",
		Stamp: "at"}); err == nil {
		t.Error("there is no error")
	}
}

func TestTheGreatestID(t *testing.T) {
	r := strictThings(t, []bson.D{{{Key: "_id", Value: 3}}, {{Key: "_id", Value: 5}}, {{Key: "_id", Value: 4}}})
	if id, err := r.Greatest(t.Context(), mongotest.Things); err != nil || id.AsInt64() != 5 {
		t.Errorf("Greatest() = %v, %v", id, err)
	}
	if id, err := r.Greatest(t.Context(), "none"); err != nil || !id.IsZero() {
		t.Errorf("of no document: %v, %v", id, err)
	}
}
