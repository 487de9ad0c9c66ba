package librarytest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestWithADeletedFileGoesWhatDependsOnIt(t *testing.T) {
	file, other := bson.NewObjectID(), bson.NewObjectID()
	docs := Raw(map[string][]bson.D{
		"file_records": {document("_id", file), document("_id", other)},
		"albums": {document("_id", "manual", "cover_id", file, "file_ids", bson.A{file, other, file.Hex(), "nowhere"},
			"file_count", int32(4)),
			document("_id", "none", "cover_id", "nowhere", "file_ids", bson.A{other}, "file_count", int32(9))},
		"detection_instances": {document("_id", "seen", "file_id", file.Hex())},
		"relations": {document("_id", "of both", "source_id", other, "target_id", "seen"),
			document("_id", "of nothing", "source_id", other, "target_id", "nowhere")},
	})
	want := Raw(map[string][]bson.D{
		"file_records": {document("_id", other)},
		"albums": {document("_id", "manual", "cover_id", nil, "file_ids", bson.A{other, "nowhere"}, "file_count", int32(2)),
			document("_id", "none", "cover_id", "nowhere", "file_ids", bson.A{other}, "file_count", int32(9))},
		"relations": {document("_id", "of nothing", "source_id", other, "target_id", "nowhere")},
	})
	if diff := Diff(want, UCoreFS.Deleted(docs, "file_records", KeyOf(file))); diff != "" {
		t.Error(diff)
	}
	if diff := Diff(docs, UCoreFS.Deleted(docs, "file_records")); diff != "" {
		t.Errorf("without a deletion: %s", diff)
	}
}
