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

var layouts = []Layout{UCoreFS, Web, Shop}

func TestALibraryIsAFunctionOfItsSeed(t *testing.T) {
	for _, layout := range layouts {
		for seed := range int64(20) {
			a, b := layout.Generate(seed, Tiny), layout.Generate(seed, Tiny)
			if diff := cmp.Diff(a.Docs, b.Docs, cmpopts.EquateNaNs()); diff != "" {
				t.Fatalf("%v: seed %d made two libraries: %s", layout, seed, diff)
			}
			if diff := cmp.Diff(a.Files(), b.Files()); diff != "" {
				t.Fatalf("%v: seed %d made two sets of files: %s", layout, seed, diff)
			}
		}
	}
}

func TestTwoSeedsMakeTwoLibraries(t *testing.T) {
	for _, layout := range layouts {
		if Diff(layout.Generate(1, Tiny).Raw(), layout.Generate(2, Tiny).Raw()) == "" {
			t.Errorf("%v: seeds 1 and 2 made the same library", layout)
		}
	}
}

// uniqueFields have a unique index in the applications' databases.
var uniqueFields = map[Layout]map[string][]string{
	UCoreFS: {embeddingRecords: {"file_id", "provider"}},
	Web: {
		fileRecords: {"path"}, directoryRecords: {"path"}, tags: {"name"}, albums: {"name"}, embeddings: {"file_id"},
		taskRecords: {"task_id"},
	},
}

func TestNoDocumentBreaksAUniqueIndex(t *testing.T) {
	for _, layout := range layouts {
		for seed := range int64(50) {
			for name, docs := range layout.Generate(seed, Tiny).Raw() {
				expectUnique(t, layout, seed, name, docs, "_id")
				if fields := uniqueFields[layout][name]; fields != nil {
					expectUnique(t, layout, seed, name, docs, fields...)
				}
			}
		}
	}
}

func expectUnique(t *testing.T, layout Layout, seed int64, name string, docs []bson.Raw, fields ...string) {
	t.Helper()
	seen := map[string]bool{}
	for _, doc := range docs {
		key := ""
		for _, field := range fields {
			key += Key(doc.Lookup(field)) + " "
		}
		if seen[key] {
			t.Errorf("%v, seed %d, %s: %v occurs twice", layout, seed, name, fields)
		}
		seen[key] = true
	}
}

func TestEveryDocumentIsBSON(t *testing.T) {
	for _, layout := range layouts {
		for _, only := range []bool{false, true} {
			o := TinyOptions(3)
			o.Layout, o.MongoDBOnly, o.SmartAlbums, o.Embeddings = layout, only, 50, 50
			GenerateWith(3, o).Raw() // panics on what is none
		}
	}
}

func TestCountersThatDidNotDriftAreRight(t *testing.T) {
	for _, layout := range layouts {
		for seed := range int64(60) {
			o := TinyOptions(seed)
			o.Layout, o.Drift = layout, 0
			for _, v := range layout.Check(GenerateWith(seed, o).Raw()) {
				if v.Right != v.Total {
					t.Errorf("%v, seed %d: %s", layout, seed, strings.Join(v.Wrong, "; "))
				}
			}
		}
	}
}

func TestEveryDriftedCounterIsFoundWrong(t *testing.T) {
	for _, layout := range layouts {
		for seed := range int64(60) {
			o := TinyOptions(seed)
			o.Layout, o.Drift = layout, 0.5
			l := GenerateWith(seed, o)
			for _, v := range layout.Check(l.Raw()) {
				if drifted := l.Planted["drifted counters of "+v.Collection]; len(v.Wrong) != drifted {
					t.Errorf("%v, seed %d: %d counters of %s drifted, %d found wrong",
						layout, seed, drifted, v.Collection, len(v.Wrong))
				}
			}
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

func TestAVirtualFileIsNeitherOnDiskNorMissing(t *testing.T) {
	o := clean(UCoreFS)
	o.Virtual, o.Missing = 1, 1
	l := GenerateWith(1, o)
	if len(l.Missing) > 0 || len(l.Files()) != o.Files/20 {
		t.Errorf("%d files are missing and %d on disk, want none and %d", len(l.Missing), len(l.Files()), o.Files/20)
	}
}

func TestASmartAlbumThatAsksForAnExtensionFindsFiles(t *testing.T) {
	for layout, field := range map[Layout]string{UCoreFS: "smart_query", Web: "query"} {
		o, asked := clean(layout), 0
		o.SmartAlbums = 20
		for _, album := range GenerateWith(1, o).Raw()[albums] {
			query, _ := album.Lookup(field).DocumentOK()
			if query.Lookup("extension").Type == 0 {
				continue
			}
			asked++
			if album.Lookup("file_count").AsInt64() == 0 {
				t.Errorf("%v: %v finds no file", layout, query)
			}
		}
		if asked == 0 {
			t.Errorf("%v: no smart album asks for an extension", layout)
		}
	}
}

func BenchmarkGenerateTiny(b *testing.B) {
	for seed := int64(0); b.Loop(); seed++ {
		Generate(seed%200, Tiny)
	}
}
