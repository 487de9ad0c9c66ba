package strictmongo_test

import (
	"math"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// ascending are _ids of all types in MongoDB's order.
var ascending = []any{
	bson.MinKey{}, nil, math.NaN(), math.Inf(-1), -1, 0.5, int64(1), math.Inf(1), "a", "b", d(), d("a", 1), d("b", 0),
	bson.Binary{Data: []byte{1}},
	bson.ObjectID{1}, bson.ObjectID{2}, false, true, bson.DateTime(1), bson.Timestamp{T: 1}, bson.MaxKey{},
}

func TestDocumentsSortInTheOrderOfTypes(t *testing.T) {
	c := open(t, strictmongo.Start(t, strictmongo.Options{}).URI).Collection("things")
	for at := range slices.Backward(ascending) {
		if _, err := c.InsertOne(t.Context(), d("_id", ascending[at], "at", at)); err != nil {
			t.Fatalf("%v: %v", ascending[at], err)
		}
	}
	var found []struct{ At int }
	cursor, err := c.Find(t.Context(), d(), options.Find().SetSort(d("_id", 1)))
	if err == nil {
		err = cursor.All(t.Context(), &found)
	}
	if err != nil || len(found) != len(ascending) {
		t.Fatalf("%d of %d documents, %v", len(found), len(ascending), err)
	}
	for i, doc := range found {
		if doc.At != i {
			t.Errorf("place %d holds %v", i, ascending[doc.At])
		}
	}
}

// Each row is a filter on v and the values that it finds.
func TestComparisonsStayInTheirBracket(t *testing.T) {
	c := open(t, strictmongo.Start(t, strictmongo.Options{}).URI).Collection("things")
	values := map[string]any{
		"int": 5, "double": 5.0, "fraction": 5.5, "NaN": math.NaN(), "text": "5", "null": nil, "list": bson.A{4, 6},
		"empty": bson.A{},
		"lists": bson.A{bson.A{5}}, "document": d("a", 5), "documents": bson.A{d("a", 5)},
	}
	for name, v := range values {
		if _, err := c.InsertOne(t.Context(), d("_id", name, "v", v)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.InsertOne(t.Context(), d("_id", "missing")); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		filter bson.D
		found  []string
	}{
		"numbers of any type are equal":    {d("v", int64(5)), []string{"double", "int"}},
		"more is of the same bracket":      {d("v", d("$gt", 4.5)), []string{"double", "fraction", "int", "list"}},
		"NaN is neither more nor less":     {d("v", d("$gte", math.Inf(-1))), []string{"double", "fraction", "int", "list"}},
		"NaN is NaN":                       {d("v", math.NaN()), []string{"NaN"}},
		"null is missing too":              {d("v", nil), []string{"missing", "null"}},
		"null by its type is not":          {d("v", d("$type", 10)), []string{"null"}},
		"an element's type is the array's": {d("v", d("$type", "int")), []string{"int", "list"}},
		"an array by its type":             {d("v", d("$type", 4)), []string{"documents", "empty", "list", "lists"}},
		"one of several": {d("v", d("$in", bson.A{nil, "5", 6})), []string{"list", "missing", "null",
			"text"}},
		"not equal holds for the array as a whole": {d("v", d("$ne", 4, "$exists", true, "$not", d("$type", "number"))),
			[]string{"document", "documents", "empty", "lists", "null", "text"}},
		"a path goes into documents and arrays": {d("v.a", 5), []string{"document", "documents"}},
		"a path may be a number":                {d("v.1", 6), []string{"list"}},
		"a pattern finds text":                  {d("v", bson.Regex{Pattern: "^5$"}), []string{"text"}},
		"either": {d("$or", bson.A{d("v", "5"), d("v", d("$exists", false))}),
			[]string{"missing", "text"}},
		"a whole array": {d("v", bson.A{4, 6}), []string{"list"}},
		"a whole document": {d("$expr", d("$eq", bson.A{"$$ROOT", d("$literal", d("_id", "int", "v", 5.0))})),
			[]string{"int"}},
		"a document with a field more": {d("$expr", d("$eq", bson.A{"$$ROOT", d("$literal", d("_id", "missing", "v", nil))})),
			nil},
		"a document in another order": {d("$expr", d("$eq", bson.A{"$$ROOT", d("$literal", d("v", 5, "_id", "int"))})), nil},
		"a length":                    {d("v", d("$size", 2)), []string{"list"}},
	} {
		t.Run(name, func(t *testing.T) {
			var found []struct {
				ID string `bson:"_id"`
			}
			cursor, err := c.Find(t.Context(), row.filter, options.Find().SetSort(d("_id", 1)))
			if err == nil {
				err = cursor.All(t.Context(), &found)
			}
			var names []string
			for _, doc := range found {
				names = append(names, doc.ID)
			}
			if err != nil || !slices.Equal(names, row.found) {
				t.Errorf("found %v, want %v; %v", names, row.found, err)
			}
		})
	}
}
