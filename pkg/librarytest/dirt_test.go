package librarytest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// planted are the kinds of damage that the generator counts as it makes them.
var planted = []string{
	"tag_ids that are no array", "tag_ids with an id twice", "tag_ids with a null in it", "dangling tag_ids", "dangling album_ids", "dangling file_ids",
	"dangling cover_id", "dangling root_id of files", "dangling root_id of directories", "dangling parent_id of files", "dangling parent_id of tags",
	"dangling parent_id of albums", "directories below a parent that does not exist", "cycles of directories", "sizes of another type than int64",
	"references that hold an id in another numeric type", "embeddings of files that do not exist", "vectors that no index can hold",
	"smart albums with an invalid query", "task records of an unknown status", "times that are none", "odd names",
	"drifted counters of tags", "drifted counters of albums", "drifted counters of directory_records",
	"files that are gone from disk", "files whose name on disk is in the other Unicode form",
}

// types are the BSON types that some document must have in a field, 0 standing for a missing field.
var types = map[string]map[string][]bson.Type{
	"file_records": {
		"_id":         {bson.TypeObjectID, bson.TypeString, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble},
		"tag_ids":     {0, bson.TypeNull, bson.TypeArray, bson.TypeString},
		"size_bytes":  {0, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeString},
		"modified_at": {bson.TypeDateTime},
	},
	"directory_records": {
		"_id":         {bson.TypeObjectID, bson.TypeString, bson.TypeInt32},
		"parent_id":   {bson.TypeNull, bson.TypeObjectID, bson.TypeString, bson.TypeInt32},
		"child_count": {0, bson.TypeNull, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeString},
	},
	"tags":            {"_id": {bson.TypeObjectID, bson.TypeString, bson.TypeInt32}, "file_count": {0, bson.TypeInt64, bson.TypeString}},
	"albums":          {"_id": {bson.TypeObjectID, bson.TypeString, bson.TypeInt32}, "smart_query": {0, bson.TypeEmbeddedDocument, bson.TypeString, bson.TypeInt32, bson.TypeArray}},
	"embeddings":      {"_id": {bson.TypeObjectID, bson.TypeString}, "vector": {bson.TypeArray, bson.TypeString}},
	"task_records":    {"_id": {bson.TypeObjectID, bson.TypeString}, "created_at": {0, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime}},
	"journal_entries": {"_id": {bson.TypeObjectID, bson.TypeString}, "timestamp": {0, bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime}},
}

func TestTwoHundredSeedsPlantEveryKindOfDirt(t *testing.T) {
	counted, seen, empty := map[string]int{}, map[string]map[string]map[bson.Type]bool{}, 0
	for seed := range int64(200) {
		l := Generate(seed, Tiny)
		for what, n := range l.Planted {
			counted[what] += n
		}
		if len(l.Docs) == 0 {
			empty++
		}
		note(Raw(l.Docs), seen)
	}
	for _, what := range planted {
		if counted[what] == 0 {
			t.Errorf("no seed planted %q", what)
		}
	}
	for collection, fields := range types {
		for field, want := range fields {
			for _, kind := range want {
				if !seen[collection][field][kind] {
					t.Errorf("no %s.%s was of type %v", collection, field, kind)
				}
			}
		}
	}
	if empty == 0 {
		t.Error("no seed made an empty database")
	}
}

func note(docs map[string][]bson.Raw, seen map[string]map[string]map[bson.Type]bool) {
	for collection, fields := range types {
		for field := range fields {
			for _, doc := range docs[collection] {
				if seen[collection] == nil {
					seen[collection] = map[string]map[bson.Type]bool{}
				}
				if seen[collection][field] == nil {
					seen[collection][field] = map[bson.Type]bool{}
				}
				seen[collection][field][doc.Lookup(field).Type] = true
			}
		}
	}
}
