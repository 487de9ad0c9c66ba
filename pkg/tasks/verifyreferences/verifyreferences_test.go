package verifyreferences_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
	"ucorefs.io/maintenance/pkg/tasks/verifyreferences"
)

// Prepare is all of this task, and the bench fails a Prepare that sends a write.
func TestEveryBrokenReferenceIsCountedAndNothingIsWritten(t *testing.T) {
	taskstest.Seeds(t, 200, func(t *testing.T, seed int64) {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		before := b.Read()
		plan := b.Prepare(verifyreferences.Task())
		if plan.Execute != nil {
			t.Error("a task that only reads has something to execute")
		}
		if diff := cmp.Diff(counts(before), plan.Counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if broken := len(librarytest.Danglings(before)); (broken > 0) != (len(plan.Sample) > 0) {
			t.Errorf("%d references are broken, and the sample is %q", broken, plan.Sample)
		}
		after := b.Read()
		for name := range before {
			taskstest.Same(t, name, before[name], after[name])
		}
	})
}

func counts(docs map[string][]bson.Raw) report.Counts {
	want := report.Counts{
		"filesChecked": int64(len(docs["file_records"])), "brokenTagRefs": 0, "brokenAlbumRefs": 0, "brokenDirRefs": 0,
		"brokenFileRefs": 0, "brokenParentRefs": 0, "brokenEmbeddingRefs": 0,
	}
	for _, d := range librarytest.Danglings(docs) {
		want[d.Kind]++
	}
	return want
}

// A tag that is made after the tags were read, and given to a file before the files are read, is no broken reference. Seen to
// fail when what the reading of the tags did not meet counted as missing without a second look.
func TestATagMadeWhileTheTaskRunsIsNotMissing(t *testing.T) {
	b := taskstest.New(t, librarytest.GenerateWith(1, librarytest.Options{Roots: 1, Files: 3}))
	b.Before = func(c mongodb.Command) {
		if c.Name != "find" || c.Document.Lookup("find").StringValue() != b.Library.Model.Files.Collection {
			return
		}
		b.Before = nil
		insert(t, b, b.Library.Model.Tags.Collection, bson.D{{Key: "_id", Value: "new"}})
		insert(t, b, b.Library.Model.Files.Collection, bson.D{{Key: "_id", Value: "f"}, {Key: b.Library.Model.Files.Tags, Value: bson.A{"new", "never"}}})
	}
	if got := b.Prepare(verifyreferences.Task()).Counts["brokenTagRefs"]; got != 1 {
		t.Errorf("%d broken references to tags, want 1", got)
	}
}

func insert(t *testing.T, b *taskstest.Bench, collection string, doc bson.D) {
	t.Helper()
	if _, err := b.Server.DB.Collection(collection).InsertOne(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
}
