package librarytest

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestDiff(t *testing.T) {
	want := document("_id", int32(1), "a", int32(1), "ids", list("x", "y"))
	for name, c := range map[string]struct {
		got  bson.D
		says string // a part of the difference; empty where there is none
	}{
		"numbers of another type agree":          {document("_id", 1.0, "a", int64(1), "ids", list("x", "y")), ""},
		"the order of fields does not matter":    {document("ids", list("x", "y"), "a", int32(1), "_id", int32(1)), ""},
		"a set agrees in any order":              {document("_id", int32(1), "a", int32(1), "ids", list("y", "x")), ""},
		"a set that lacks an element differs":    {document("_id", int32(1), "a", int32(1), "ids", list("y")), "ids is"},
		"an empty set is not a missing one":      {document("_id", int32(1), "a", int32(1)), "ids is missing"},
		"another number differs":                 {document("_id", int32(1), "a", 1.5, "ids", list("x", "y")), "a is"},
		"a missing field differs":                {document("_id", int32(1), "ids", list("x", "y")), "a is missing"},
		"a field too many differs":               {append(want[:3:3], bson.E{Key: "b", Value: nil}), "b is null"},
		"a document under another id is missing": {document("_id", int32(2)), "should not exist"},
	} {
		got := Diff(Docs{"c": {rawOf(want)}}, Docs{"c": {rawOf(c.got)}}, "ids")
		if c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if Diff(Docs{"c": {rawOf(want)}}, Docs{}) == "" {
		t.Error("a missing collection is no difference")
	}
}

func TestKeysAreEqualWhereMongoDBFindsValuesEqual(t *testing.T) {
	id := bson.NewObjectID()
	for name, c := range map[string]struct {
		a, b any
		want bool
	}{
		"numbers of two types":           {int32(1), 1.0, true},
		"a number and its text":          {int32(1), "1", false},
		"an ObjectID and its hex text":   {id, id.Hex(), false},
		"null and a missing field":       {nil, absent{}, false},
		"arrays with equal numbers":      {list(int32(1)), list(int64(1)), true},
		"arrays in another order":        {list("a", "b"), list("b", "a"), false},
		"documents with equal numbers":   {document("a", 1.0), document("a", int32(1)), true},
		"documents with fields reversed": {document("a", 1, "b", 2), document("b", 2, "a", 1), false},
		"fractions":                      {1.5, 1.25, false},
	} {
		if got := KeyOf(c.a) == KeyOf(c.b); got != c.want {
			t.Errorf("%s: equal is %v", name, got)
		}
	}
}
