package databaseoptimization_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
)

// threeProviders is a library with a vector of each provider, the middle one of which is clip, and an index folder.
func threeProviders(t *testing.T) *taskstest.Bench {
	t.Helper()
	docs := map[string][]bson.D{"file_records": {set("_id", id(1))}}
	for n, provider := range []string{"blip", "clip", "dino"} {
		docs["embeddings"] = append(docs["embeddings"], bson.D{
			{Key: "_id", Value: id(byte(n))}, {Key: "file_id", Value: id(1)},
			{Key: "embedding", Value: vector(1, float64(n))}, {Key: "model", Value: provider},
		})
	}
	b := taskstest.Of(t, librarytest.Web, librarytest.Raw(docs))
	b.Env.Options.IndexDir = t.TempDir()
	return b
}

// obstacle is what another put in the way of the index of clip.
type obstacle struct {
	name   string // in the index folder
	put    func(path string) error
	advice string
}

func file(path string) error { return os.WriteFile(path, []byte("another's"), 0o600) }

func link(path string) error { return os.Symlink("/", path) }

const moveAway = "let the user of the runs change it, or move what is in the way to another folder"

// Seen to fail when an index that could not be written ended the run: no index was written, and where the present one
// could not be read either, no collection was compacted and no index of the database created.
func TestWhatIsInTheWayOfOneIndexStopsNoOther(t *testing.T) {
	for name, o := range map[string]obstacle{
		"notes where a generation is built": {"clip.generations/temporary/notes.txt", file,
			`move "notes.txt" to another folder`},
		"notes where one is removed":     {"clip.generations/outgoing/notes.txt", file, `move "notes.txt" to another folder`},
		"a folder with the index's name": {"clip.faiss/notes.txt", file, moveAway},
		"a file for the generations":     {"clip.generations", file, moveAway},
		"a link that leads out":          {"clip.generations", link, moveAway},
	} {
		t.Run(name, func(t *testing.T) {
			b := threeProviders(t)
			path := filepath.Join(b.Env.Options.IndexDir, o.name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := o.put(path); err != nil {
				t.Fatal(err)
			}
			expectOthers(t, b, o.advice)
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("what was in the way is gone: %v", err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			_ = os.Remove(filepath.Dir(path)) // if there is nothing else in it
			if _, done := b.Run(databaseoptimization.Task()); done.Verdict != nil {
				t.Errorf("when nothing is in the way any more: %v", done.Verdict)
			}
		})
	}
}

// expectOthers expects a run to write all indexes but that of clip, and to say what to do.
func expectOthers(t *testing.T, b *taskstest.Bench, advice string) {
	t.Helper()
	plan := b.Prepare(databaseoptimization.Task())
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil || done.Counts["faissIndexesRebuilt"] != 2 || done.Counts["indexesCreated"] == 0 {
		t.Fatalf("the counts are %v, %v", done.Counts, err)
	}
	if v := done.Verdict; v == nil || v.Outcome != report.Partial || v.Reason != report.ReasonNotPermitted {
		t.Fatalf("the verdict is %v", v)
	}
	expectText(t, done.Verdict.Message, "in "+b.Env.Options.IndexDir+": ")
	expectText(t, done.Verdict.Message, advice)
	want := vectors(b)
	delete(want, "clip")
	expectIndexes(t, b.Env.Options.IndexDir, want)
}
