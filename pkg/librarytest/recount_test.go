package librarytest

import (
	"maps"
	"math"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func doc(pairs ...any) bson.D {
	d := bson.D{}
	for i := 0; i < len(pairs); i += 2 {
		d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return d
}

// Each case is small enough to count by hand; want holds the counters of the document with _id 1.
func TestRecount(t *testing.T) {
	for name, c := range map[string]struct {
		docs map[string][]bson.D
		want map[string]int64
	}{
		"a tag counts a file once even if its id stands twice, in any numeric type": {
			map[string][]bson.D{"tags": {doc("_id", 1.0)}, "file_records": {
				doc("_id", "a", "tag_ids", bson.A{int32(1), int64(1)}), doc("_id", "b", "tag_ids", bson.A{"1"}), doc("_id", "c", "tag_ids", int32(1)), doc("_id", "d"),
			}},
			map[string]int64{"file_count": 1}},
		"a manual album counts distinct files that exist": {
			map[string][]bson.D{"albums": {doc("_id", int32(1), "file_ids", bson.A{"a", "a", "gone", int64(7)})}, "file_records": {doc("_id", "a"), doc("_id", 7.0), doc("_id", "b")}},
			map[string]int64{"file_count": 2}},
		"null finds what is null or missing, and a value also the arrays that hold it": {
			map[string][]bson.D{"albums": {doc("_id", int32(1), "is_smart", true, "smart_query", doc("rating", nil, "colours", "red"))}, "file_records": {
				doc("_id", "a", "rating", nil, "colours", bson.A{"red", "blue"}), doc("_id", "b", "colours", "red"), doc("_id", "c", "rating", int32(1), "colours", "red"), doc("_id", "d", "colours", bson.A{"blue"})}},
			map[string]int64{"file_count": 2}},
		"an album that is smart by a word is manual": {
			map[string][]bson.D{"albums": {doc("_id", int32(1), "is_smart", "true", "file_ids", bson.A{"a"})}, "file_records": {doc("_id", "a")}},
			map[string]int64{"file_count": 1}},
		"a smart album counts what its query finds, and not its file_ids": {
			map[string][]bson.D{"albums": {doc("_id", int32(1), "is_smart", true, "smart_query", doc("rating", int32(3)), "file_ids", bson.A{"b"})}, "file_records": {
				doc("_id", "a", "rating", 3.0), doc("_id", "b", "rating", int32(4)), doc("_id", "c")}},
			map[string]int64{"file_count": 1}},
		"a smart album with an invalid query is not judged": {
			map[string][]bson.D{"albums": {doc("_id", int32(1), "is_smart", true, "smart_query", "rating")}},
			map[string]int64{}},
		"a directory counts immediate children and everything below": {
			map[string][]bson.D{"directory_records": {doc("_id", int32(1)), doc("_id", "sub", "parent_id", 1.0), doc("_id", "deep", "parent_id", "sub")}, "file_records": {
				doc("_id", "a", "parent_id", int64(1), "size_bytes", int32(5)), doc("_id", "b", "parent_id", "deep", "size_bytes", 2.9), doc("_id", "c", "parent_id", "sub", "size_bytes", "9"),
				doc("_id", "d", "parent_id", "sub", "size_bytes", math.NaN()), doc("_id", "e", "parent_id", "sub", "size_bytes", int64(-4)), doc("_id", "f", "parent_id", "elsewhere", "size_bytes", int64(100))}},
			map[string]int64{"child_count": 2, "file_count": 5, "total_size": 7}},
		"each member of a cycle counts the whole cycle once": {
			map[string][]bson.D{"directory_records": {doc("_id", int32(1), "parent_id", "b"), doc("_id", "b", "parent_id", int32(1)), doc("_id", "c", "parent_id", "b")}, "file_records": {
				doc("_id", "f", "parent_id", int32(1), "size_bytes", int32(1)), doc("_id", "g", "parent_id", "b", "size_bytes", int32(2)), doc("_id", "h", "parent_id", "c", "size_bytes", int32(4))}},
			map[string]int64{"child_count": 2, "file_count": 3, "total_size": 7}},
		"a directory that is its own parent is not its own child": {
			map[string][]bson.D{"directory_records": {doc("_id", int32(1), "parent_id", int32(1))}, "file_records": {doc("_id", "f", "parent_id", int32(1))}},
			map[string]int64{"child_count": 1, "file_count": 1, "total_size": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]int64{}
			for _, documents := range Recount(Raw(c.docs)) {
				maps.Copy(got, documents[numberKey(1)])
			}
			if len(got) != len(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for field, want := range c.want {
				if got[field] != want {
					t.Errorf("%s is %d, want %d", field, got[field], want)
				}
			}
		})
	}
}

func TestSmartQueriesMeanWhatTheServerMeans(t *testing.T) {
	file := doc("_id", "a", "rating", int64(4), "name", "IMG_00003.jpg", "modified_at", bson.DateTime(1000), "extension", "jpg")
	for name, c := range map[string]struct {
		query bson.D
		want  bool
	}{
		"an empty query finds all":             {doc(), true},
		"all fields must match":                {doc("rating", 4.0, "extension", "png"), false},
		"a range holds its bound":              {doc("rating", doc("$gte", int32(4))), true},
		"a range excludes its open bound":      {doc("modified_at", doc("$lt", bson.DateTime(1000))), false},
		"a number and a date do not compare":   {doc("modified_at", doc("$lt", int64(2000))), false},
		"a missing field is in no range":       {doc("size", doc("$gte", int32(0))), false},
		"$in looks through a list":             {doc("extension", doc("$in", bson.A{"png", "jpg"})), true},
		"a pattern without the option is case": {doc("name", bson.Regex{Pattern: "^img"}), false},
		"a pattern may ignore case":            {doc("name", bson.Regex{Pattern: "^img", Options: "i"}), true},
	} {
		if got := matches(file, c.query); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
