package librarytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

func TestALibraryIsAFunctionOfItsSeed(t *testing.T) {
	for seed := range int64(30) {
		a, b := Generate(seed, Tiny), Generate(seed, Tiny)
		if diff := cmp.Diff(a.Docs, b.Docs, cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("seed %d made two libraries: %s", seed, diff)
		}
		if diff := cmp.Diff(a.Files(), b.Files()); diff != "" {
			t.Fatalf("seed %d made two sets of files: %s", seed, diff)
		}
	}
}

func TestHundredSeedsPlantEveryKindOfDamage(t *testing.T) {
	seen, empty := map[string]int{}, 0
	for seed := range int64(100) {
		l := Generate(seed, Tiny)
		for what, n := range l.Planted {
			seen[what] += n
		}
		if len(l.Docs) == 0 {
			empty++
		}
	}
	for _, what := range []string{
		"tag_ids that are no array", "tag_ids with an id twice", "dangling tag_ids", "dangling album_ids", "dangling file_ids",
		"dangling cover_id", "dangling root_id", "dangling parent_id of files", "dangling parent_id of tags", "dangling parent_id of albums",
		"directories below a parent that does not exist", "cycles of directories", "sizes of another type than int64",
		"references that hold an id in another numeric type", "embeddings of files that do not exist", "vectors that no index can hold",
		"smart albums with an invalid query", "task records of an unknown status", "times that are none", "drifted counters",
		"odd names", "files that are gone from disk", "files whose name on disk is in the other Unicode form",
	} {
		if seen[what] == 0 {
			t.Errorf("no seed planted %q", what)
		}
	}
	if empty == 0 {
		t.Error("no seed made an empty database")
	}
}

func TestNoTwoDocumentsOfACollectionShareAnID(t *testing.T) {
	for seed := range int64(50) {
		for name, docs := range Generate(seed, Tiny).Docs {
			for i, doc := range docs {
				if containsDocument(docs[:i], doc) {
					t.Errorf("seed %d, %s: %v stands twice", seed, name, value(doc, "_id"))
				}
			}
		}
	}
}

func TestEveryDocumentIsBSON(t *testing.T) {
	for _, operators := range []bool{false, true} {
		o := TinyOptions(3)
		o.Operators, o.SmartAlbums = operators, 50
		for name, docs := range GenerateWith(3, o).Docs {
			for _, doc := range docs {
				if _, err := bson.Marshal(doc); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

func TestCountersThatDidNotDriftAreRight(t *testing.T) {
	for seed := range int64(100) {
		o := TinyOptions(seed)
		o.Drift = 0
		l := GenerateWith(seed, o)
		for _, v := range Check(l.Model, l.Docs) {
			if v.Right != v.Total {
				t.Errorf("seed %d: %s", seed, strings.Join(v.Wrong, "; "))
			}
		}
	}
}

func TestEveryDriftedCounterIsFoundWrong(t *testing.T) {
	for seed := range int64(100) {
		o, wrong := TinyOptions(seed), 0
		o.Drift = 0.5
		l := GenerateWith(seed, o)
		for _, v := range Check(l.Model, l.Docs) {
			wrong += len(v.Wrong)
		}
		if wrong != l.Planted["drifted counters"] {
			t.Errorf("seed %d: %d counters drifted, %d found wrong", seed, l.Planted["drifted counters"], wrong)
		}
	}
}

func TestTheDemoIsWhatTheDemoPromises(t *testing.T) {
	l := Generate(1, Demo)
	m := library.UCoreFS()
	for name, want := range map[string]int{m.Files.Collection: 3000, m.Tags.Collection: 40, m.Albums.Collection: 32, m.Directories.Collection: 183} {
		if got := len(l.Docs[name]); got != want {
			t.Errorf("%d documents in %s, want %d", got, name, want)
		}
	}
	size := 0
	for _, docs := range l.Docs {
		for _, doc := range docs {
			b, _ := bson.Marshal(doc)
			size += len(b)
		}
	}
	if size > 8<<20 {
		t.Errorf("the demo has %d bytes of documents, more than 8 MiB", size)
	}
	if l.Planted["drifted counters"] == 0 || l.Planted["files that are gone from disk"] == 0 || l.Planted["dangling tag_ids"] == 0 {
		t.Errorf("the demo lacks damage: %v", l.Planted)
	}
}

func TestWriteFilesMakesExactlyTheFilesOnDisk(t *testing.T) {
	o := TinyOptions(5)
	o.Dirt = 0.5
	l, dir := GenerateWith(5, o), t.TempDir()
	if err := l.WriteFiles(dir); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]int64{}, map[string]int64{}
	for _, f := range l.Files() {
		want[f.Rel] = f.Size
	}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		rel, _ := filepath.Rel(dir, path)
		got[rel] = info.Size()
		return err
	})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
}
