package references_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
)

const files = "file_records"

// Files that go batch by batch, each batch after what refers to it, leave what a cleanup leaves after files went by
// themselves: of a library in which nothing dangled before.
func TestFilesGoWithAllThatDependsOnThem(t *testing.T) {
	taskstest.Seeds(t, 20, func(t *testing.T, l librarytest.Layout, seed int64) {
		clean := l.Cleaned(librarytest.GenerateWith(seed, librarytest.Options{
			Layout: l, Prefix: "/library", Roots: 1, Directories: 4, Files: 30, Tags: 6, Albums: 6, Embeddings: 12,
			Relations:  12,
			Detections: 12, Jobs: 2, Dirt: 0.2, OddIDs: 0.3, ClipDimension: 8,
		}).Raw())
		b := taskstest.Of(t, l, clean)
		chance := rand.New(rand.NewPCG(uint64(seed), 3))
		without := librarytest.Docs{}
		for collection, docs := range clean {
			without[collection] = slices.Clone(docs)
		}
		var going []bsonvalue.ID
		without[files] = slices.DeleteFunc(without[files], func(doc bson.Raw) bool {
			goes := chance.IntN(3) == 0
			if goes {
				going = append(going, bsonvalue.Reference(doc, "_id"))
			}
			return goes
		})
		remove(t, b, going)
		after, want := b.Read(), l.Cleaned(without)
		for _, collection := range l.Collections() {
			taskstest.SameBytes(t, collection, want[collection], after[collection])
		}
		restored, err := stores.Restore(t.Context(), b.Writer, taskstest.RunID)
		if err != nil || restored.Conflicts > 0 {
			t.Fatalf("restored %+v, %v", restored, err)
		}
		for collection, docs := range b.Read() {
			taskstest.SameBytes(t, collection+" restored", clean[collection], docs)
		}
	})
}

// remove does what a task does that deletes file records.
func remove(t *testing.T, b *taskstest.Bench, going []bsonvalue.ID) {
	t.Helper()
	referrers, err := references.Gather(t.Context(), b.Writer.Reader, b.Env.Library, files, going, nil)
	if err != nil {
		t.Fatal(err)
	}
	for batch := range slices.Chunk(going, 4) {
		if _, err := referrers.For(batch).Execute(t.Context(), b.Writer, taskstest.RunID, nil, report.Counts{}); err != nil {
			t.Fatal(err)
		}
		deletions := make([]mongodb.Deletion, len(batch))
		for i, id := range batch {
			deletions[i] = mongodb.Deletion{ID: id}
		}
		if _, _, err := stores.NewJournal(b.Writer, taskstest.RunID).Delete(t.Context(), files, deletions); err != nil {
			t.Fatal(err)
		}
	}
}
