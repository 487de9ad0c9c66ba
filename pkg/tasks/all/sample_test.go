package all_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// People look for a path or a name, not for an id. Seen to fail with a sample of ids alone.
func TestASampleNamesEachDocument(t *testing.T) {
	id, tag := bson.NewObjectID(), bson.NewObjectID()
	old := int64(1_700_000_000)
	docs := librarytest.Docs{}
	for collection, doc := range map[string]bson.D{
		"file_records": {
			{Key: "_id", Value: id}, {Key: "path", Value: "/library/a.jpg"}, {Key: "extension", Value: "jpg"},
			{Key: "file_type", Value: "unknown"},
			{Key: "tag_ids", Value: bson.A{tag}},
		},
		"tags": {{Key: "_id", Value: tag}, {Key: "full_path", Value: "Animals/Cats"}, {Key: "file_count", Value: 3}},
		"albums": {{Key: "_id", Value: "m"}, {Key: "name", Value: "Summer"}, {Key: "file_ids", Value: bson.A{id}},
			{Key: "file_count", Value: 1}},
		"tasks": {
			{Key: "_id", Value: "t"}, {Key: "name", Value: "Scan the photos"}, {Key: "status", Value: "completed"},
			{Key: "created_at", Value: old}, {Key: "updated_at", Value: old}, {Key: "completed_at", Value: old},
		},
	} {
		raw, err := bson.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		docs[collection] = []bson.Raw{raw}
	}
	image, err := bson.Marshal(bson.D{
		{Key: "_id", Value: bson.NewObjectID()}, {Key: "path", Value: "/library/b.jpg"}, {Key: "file_type", Value: "image"},
		{Key: "processing_state", Value: 50},
	})
	if err != nil {
		t.Fatal(err)
	}
	docs["file_records"] = append(docs["file_records"], image)
	for task, want := range map[string]string{
		jobspec.RebuildAllCounts:            "tags " + tag.Hex() + " (Animals/Cats): file_count 3 → 1",
		jobspec.BackgroundCountVerification: "tags " + tag.Hex() + " (Animals/Cats): file_count 3 → 1",
		jobspec.RebuildAlbumReferences: "file_records " + id.Hex() +
			" (/library/a.jpg): 1 references added, 0 removed",
		jobspec.FixFileTypes: "file_records " + id.Hex() +
			" (/library/a.jpg): file_type becomes image, since its extension is jpg",
		jobspec.CleanupOldRecords:             `tasks "t" (Scan the photos): of 2023-11-14T22:13:20Z`,
		jobspec.ReprocessIncompleteEmbeddings: " (/library/b.jpg): reset and queued again",
	} {
		t.Run(task, func(t *testing.T) {
			plan := taskstest.Of(t, librarytest.UCoreFS, docs).Prepare(taskNamed(t, task))
			if got := strings.Join(plan.Sample, "\n"); !strings.Contains(got, want) {
				t.Errorf("the sample is %q, want %q in it", got, want)
			}
		})
	}
}
