package librarytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/mongo-driver/v2/bson"
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

func TestNoTwoDocumentsOfACollectionShareAnID(t *testing.T) {
	for seed := range int64(50) {
		for name, docs := range Generate(seed, Tiny).Docs {
			seen := map[string]bool{}
			for i, doc := range docs {
				if key := keyOf(value(doc, "_id")); seen[key] {
					t.Errorf("seed %d, %s: document %d has the id %s again", seed, name, i, key)
				} else {
					seen[key] = true
				}
			}
		}
	}
}

func TestEveryDocumentIsBSON(t *testing.T) {
	for _, only := range []bool{false, true} {
		o := TinyOptions(3)
		o.MongoDBOnly, o.SmartAlbums, o.Embeddings = only, 50, 50
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
		for _, v := range Check(Raw(l.Docs)) {
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
		for _, v := range Check(Raw(l.Docs)) {
			wrong += len(v.Wrong)
		}
		drifted := 0
		for _, kind := range []string{"tags", "albums", "directory_records"} {
			drifted += l.Planted["drifted counters of "+kind]
		}
		if wrong != drifted {
			t.Errorf("seed %d: %d counters drifted, %d found wrong", seed, drifted, wrong)
		}
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

func BenchmarkGenerateTiny(b *testing.B) {
	for seed := int64(0); b.Loop(); seed++ {
		Generate(seed%200, Tiny)
	}
}
