package bench_test

import (
	"runtime"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/costtest"
	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
)

// What two tasks hold of a library with 50 files in a folder, of which no database is made: the ids go straight into
// the tables. MEMORY_FILES is how many files.
func TestWhatIsHeldOfALargeLibrary(t *testing.T) {
	files := tooltest.Number(t, "MEMORY_FILES", 200_000)
	directories := files / 50
	tally := recount.Of(taskstest.Declaration(t, librarytest.UCoreFS)).NewTally()
	counters := costtest.BytesHeld(func() { countAll(t, tally, files, directories) })
	each := float64(counters) / float64(directories)
	t.Logf("%d files, %d directories: rebuild-all-counts holds %.0f MiB, %.1f bytes a directory",
		files, directories, mib(uint64(counters)), each)
	if each > 56 {
		t.Errorf("a directory takes %.1f bytes", each)
	}
	runtime.KeepAlive(tally)
	tally = nil

	members := files / albumStep
	var met, sought bsonvalue.IDSet
	ids := costtest.BytesHeld(func() {
		for i := range directories {
			met.Add(bsonvalue.ObjectID(id(aDirectory, i)))
		}
		for i := range members {
			sought.Add(bsonvalue.ObjectID(id(aFile, i*albumStep)))
		}
	})
	each = float64(ids) / float64(directories+members)
	t.Logf("%d ids of directories and members of albums take %.0f MiB, %.1f bytes each",
		directories+members, mib(uint64(ids)), each)
	if each > 14 {
		t.Errorf("an id takes %.1f bytes", each)
	}
	runtime.KeepAlive(&met)
	runtime.KeepAlive(&sought)
}

// countAll counts files of one size for each directory.
func countAll(t *testing.T, tally *recount.Tally, files, directories int) {
	t.Helper()
	c := recount.Of(taskstest.Declaration(t, librarytest.UCoreFS))
	for _, step := range c.Steps() {
		switch step.Collection {
		case "directory_records":
			doc := document(t, bson.D{
				{Key: "_id", Value: id(aDirectory, 0)}, {Key: "child_count", Value: 50}, {Key: "file_count", Value: 50},
				{Key: "total_size", Value: int64(200 << 20)},
			})
			for i := range directories {
				row := step.Read(doc)
				tally.Meet(step.Target, bsonvalue.ObjectID(id(aDirectory, i)), row)
			}
		case fileRecords:
			doc := document(t, bson.D{
				{Key: "_id", Value: id(aFile, 0)}, {Key: "parent_id", Value: id(aDirectory, 0)},
				{Key: "size_bytes", Value: int64(4 << 20)},
			})
			parent := step.Read(doc)[step.Position("parent_id")].Value
			for i := range files {
				of := id(aDirectory, i%directories)
				copy(parent, of[:])
				tally.Add(step.Source, step.Read(doc))
			}
		}
	}
}

func document(t *testing.T, d bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
