package librarytest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

type collections = map[string][]bson.D

// list is an array.
func list(values ...any) bson.A { return append(bson.A{}, values...) }

// number1 is the _id of the document that a case counts.
var number1 = numberKey(1)

// recountCase is small enough to count by hand; want holds the counters of the document of in with _id 1.
type recountCase struct {
	layout Layout
	in     string
	docs   collections
	want   map[string]int64
}

func recountAll(t *testing.T, cases map[string]recountCase) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.layout.Recount(Raw(c.docs))[c.in][number1]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecountOfTagsAndAlbums(t *testing.T) {
	recountAll(t, map[string]recountCase{
		"a tag counts a file once even if its id stands twice, in any numeric type": {UCoreFS, tags, collections{
			tags: {document("_id", 1.0)},
			fileRecords: {
				document("_id", "a", "tag_ids", list(int32(1), int64(1))), document("_id", "b", "tag_ids", list("1")),
				document("_id", "c", "tag_ids", int32(1)), document("_id", "d"), document("_id", "e", "tag_ids", nil),
			},
		}, map[string]int64{"file_count": 1}},
		"a manual album counts the length of its file_ids, whatever is in it": {UCoreFS, albums, collections{
			albums:      {document("_id", int32(1), "file_ids", list("a", "a", "gone", nil))},
			fileRecords: {document("_id", "a")},
		}, map[string]int64{"file_count": 4}},
		"a manual album whose file_ids are no array counts nothing": {UCoreFS, albums, collections{
			albums: {document("_id", int32(1), "file_ids", "none")},
		}, map[string]int64{"file_count": 0}},
		"a manual album whose file_ids are null counts nothing": {UCoreFS, albums, collections{
			albums: {document("_id", int32(1), "is_smart", false, "file_ids", nil)},
		}, map[string]int64{"file_count": 0}},
		"an album that is smart by a word is manual": {UCoreFS, albums, collections{
			albums: {document("_id", int32(1), "is_smart", "true", "file_ids", list("a"))},
		}, map[string]int64{"file_count": 1}},
		"an album that is smart by a number is smart": {UCoreFS, albums, collections{
			albums: {document("_id", int32(1), "is_smart", 1.0, "smart_query", document(), "file_ids", list("a", "b"))},
		}, map[string]int64{"file_count": 0}},
		"a smart album counts what its query finds, and not its file_ids": {UCoreFS, albums, collections{
			albums: {document(
				"_id", int32(1), "is_smart", true, "smart_query", document("rating", int32(3)), "file_ids", list("b"),
			)},
			fileRecords: {
				document("_id", "a", "rating", 3.0), document("_id", "b", "rating", int32(4)), document("_id", "c"),
			},
		}, map[string]int64{"file_count": 1}},
		"null finds what is null or missing, and a value also the arrays that hold it": {UCoreFS, albums, collections{
			albums: {document("_id", int32(1), "is_smart", true, "smart_query", document("rating", nil, "colours", "red"))},
			fileRecords: {
				document("_id", "a", "rating", nil, "colours", list("red", "blue")), document("_id", "b", "colours", "red"),
				document("_id", "c", "rating", int32(1), "colours", "red"), document("_id", "d", "colours", list("blue")),
			},
		}, map[string]int64{"file_count": 2}},
		"a smart album with an invalid query is not judged": {UCoreFS, albums, collections{
			albums: {document("_id", int32(1), "is_smart", true, "smart_query", "rating")},
		}, nil},
		"a smart album without a query is not judged": {Web, albums, collections{
			albums: {document("_id", int32(1), "is_smart", true, "query", nil)}, fileRecords: {document("_id", "a")},
		}, nil},
	})
}

func TestRecountOfDirectoriesAndJobs(t *testing.T) {
	recountAll(t, map[string]recountCase{
		"a directory counts what is directly in it": {UCoreFS, directoryRecords, collections{
			directoryRecords: {
				document("_id", int32(1)), document("_id", "sub", "parent_id", 1.0), document("_id", "deep", "parent_id", "sub"),
			},
			fileRecords: {
				document("_id", "a", "parent_id", int64(1), "size_bytes", int32(5)),
				document("_id", "b", "parent_id", int64(1), "size_bytes", 2.9),
				document("_id", "c", "parent_id", int64(1), "size_bytes", "9"),
				document("_id", "d", "parent_id", int64(1), "size_bytes", math.NaN()),
				document("_id", "e", "parent_id", int64(1), "size_bytes", int64(-4)),
				document("_id", "f", "parent_id", "sub", "size_bytes", int64(100)),
			},
		}, map[string]int64{"child_count": 6, "file_count": 5, "total_size": 7}},
		"a directory that is its own parent is its own child": {UCoreFS, directoryRecords, collections{
			directoryRecords: {document("_id", int32(1), "parent_id", int32(1))},
		}, map[string]int64{"child_count": 1, "file_count": 0, "total_size": 0}},
		"a job counts its records, and those that are annotated": {UCoreFS, annotationJobs, collections{
			annotationJobs: {document("_id", int32(1))},
			annotationRecords: {
				document("_id", "a", "job_id", int32(1), "is_annotated", true),
				document("_id", "b", "job_id", int32(1), "is_annotated", int32(1)),
				document("_id", "c", "job_id", "1", "is_annotated", true),
			},
		}, map[string]int64{"total_files": 2, "annotated_count": 2}},
	})
}

func TestRecountOfTheOtherLayouts(t *testing.T) {
	recountAll(t, map[string]recountCase{
		"a tag of the web application counts its links": {Web, tags, collections{
			tags: {document("_id", int32(1))},
			fileTags: {
				document("_id", "a", "tag_id", 1.0, "file_id", "x"), document("_id", "b", "tag_id", int32(1), "file_id", "x"),
				document("_id", "c", "tag_id", "1"),
			},
		}, map[string]int64{"file_count": 2}},
		"a job of the web application counts its files and its records": {Web, annotationJobs, collections{
			annotationJobs:    {document("_id", int32(1), "file_ids", list("a", "a", "b"))},
			annotationRecords: {document("_id", "a", "job_id", int32(1))},
		}, map[string]int64{"total_files": 3, "annotated_count": 1}},
		"an order counts and sums its lines": {Shop, orders, collections{
			orders: {document("_id", int32(1))},
			lines: {
				document("_id", "a", "order_id", int32(1), "amount", int32(3)),
				document("_id", "b", "order_id", 1.0, "amount", 4.0),
				document("_id", "c", "order_id", "1", "amount", int32(8)), document("_id", "d", "order_id", int32(1)),
			},
		}, map[string]int64{"line_count": 3, "total": 7}},
	})
}

func TestTheHexTextOfAnIDIsNotCounted(t *testing.T) {
	id := bson.NewObjectID()
	docs := Raw(collections{
		tags: {document("_id", id)}, directoryRecords: {document("_id", id)}, annotationJobs: {document("_id", id)},
		fileRecords:       {document("_id", "a", "tag_ids", list(id.Hex()), "parent_id", id.Hex())},
		annotationRecords: {document("_id", "a", "job_id", id.Hex(), "is_annotated", true)},
	})
	for collection, documents := range UCoreFS.Recount(docs) {
		for field, n := range documents[KeyOf(id)] {
			if n != 0 {
				t.Errorf("%s of %s is %d, want 0", field, collection, n)
			}
		}
	}
}

func TestRecountRecursive(t *testing.T) {
	for name, c := range map[string]struct {
		docs collections
		want map[string]int64
	}{
		"a directory counts everything below, and its immediate children": {collections{
			directoryRecords: {
				document("_id", int32(1)), document("_id", "sub", "parent_id", 1.0), document("_id", "deep", "parent_id", "sub"),
			},
			fileRecords: {
				document("_id", "a", "parent_id", int32(1), "size_bytes", int32(1)),
				document("_id", "b", "parent_id", "sub", "size_bytes", int32(2)),
				document("_id", "c", "parent_id", "deep", "size_bytes", int32(4)),
				document("_id", "d", "parent_id", "elsewhere", "size_bytes", int32(8)),
			},
		}, map[string]int64{"child_count": 2, "file_count": 3, "total_size": 7}},
		"each member of a cycle counts the whole cycle once": {collections{
			directoryRecords: {
				document("_id", int32(1), "parent_id", "b"), document("_id", "b", "parent_id", int32(1)),
				document("_id", "c", "parent_id", "b"),
			},
			fileRecords: {
				document("_id", "f", "parent_id", int32(1), "size_bytes", int32(1)),
				document("_id", "g", "parent_id", "b", "size_bytes", int32(2)),
				document("_id", "h", "parent_id", "c", "size_bytes", int32(4)),
			},
		}, map[string]int64{"child_count": 2, "file_count": 3, "total_size": 7}},
	} {
		t.Run(name, func(t *testing.T) {
			got := UCoreFS.RecountRecursive(Raw(c.docs))[directoryRecords][number1]
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSmartQueriesMeanWhatTheServerMeans(t *testing.T) {
	file := document(
		"_id", "a", "rating", int64(4), "name", "IMG_00003.jpg", "modified_at", bson.DateTime(1000), "extension", "jpg",
	)
	for name, c := range map[string]struct {
		query bson.D
		want  bool
	}{
		"an empty query finds all":             {document(), true},
		"all fields must match":                {document("rating", 4.0, "extension", "png"), false},
		"a range holds its bound":              {document("rating", document("$gte", int32(4))), true},
		"a range excludes its open bound":      {document("modified_at", document("$lt", bson.DateTime(1000))), false},
		"a number and a date do not compare":   {document("modified_at", document("$lt", int64(2000))), false},
		"a missing field is in no range":       {document("size", document("$gte", int32(0))), false},
		"$in looks through a list":             {document("extension", document("$in", list("png", "jpg"))), true},
		"a pattern without the option is case": {document("name", bson.Regex{Pattern: "^img"}), false},
		"a pattern may ignore case":            {document("name", bson.Regex{Pattern: "^img", Options: "i"}), true},
	} {
		if got := matches(file, c.query); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
