package databaseoptimization_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/faiss/faisstest"
	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

// clipDimension is that of generated small libraries.
const clipDimension = 8

// bench is a generated library with many embeddings, and an index folder.
func bench(t testing.TB, seed int64, folder string) *taskstest.Bench {
	t.Helper()
	o := librarytest.TinyOptions(seed)
	o.Embeddings = o.Files
	b := taskstest.New(t, librarytest.GenerateWith(seed, o))
	b.Env.Model.Embeddings.Dimensions = map[string]int{"clip": clipDimension}
	b.Env.Options.IndexDir = folder
	return b
}

// Every index of 200 dirty libraries is read by FAISS and compared with an independent recomputation; the documents stay as they
// were, and a second run writes nothing, to the database or to the folder.
func TestEveryIndexHoldsWhatTheDatabaseSays(t *testing.T) {
	faisstest.Need(t)
	root := t.TempDir()
	var mu sync.Mutex
	var places []faisstest.Place
	want := map[faisstest.Place][]entry{}
	t.Run("libraries", func(t *testing.T) {
		taskstest.Seeds(t, 200, func(t *testing.T, seed int64) {
			folder := filepath.Join(root, fmt.Sprint(seed))
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			expected := optimize(t, bench(t, seed, folder))
			mu.Lock()
			defer mu.Unlock()
			for provider, entries := range expected {
				places = append(places, faisstest.Place{Folder: folder, Provider: provider})
				want[places[len(places)-1]] = entries
			}
		})
	})
	for i, got := range faisstest.ReadAll(t, places) {
		expectIndex(t, places[i].Folder+" "+places[i].Provider, want[places[i]], got)
	}
}

// optimize runs the task twice and gives what the indexes should hold.
func optimize(t *testing.T, b *taskstest.Bench) map[string][]entry {
	t.Helper()
	before := b.Read()
	plan, done := b.Run(databaseoptimization.Task())
	if diff := cmp.Diff(plan.Counts, done.Counts); diff != "" {
		t.Errorf("done differs from the plan (-plan +done):\n%s", diff)
	}
	expected := indexed(before, b.Env.Model.Embeddings.Dimensions)
	vectors := int64(0)
	for _, entries := range expected {
		vectors += int64(len(entries))
	}
	if got := done.Counts; got["vectorsWritten"] != vectors || got["faissIndexesRebuilt"] != int64(len(expected)) {
		t.Errorf("the counts are %v, want %d vectors in %d indexes", got, vectors, len(expected))
	}
	if got := providers(t, b.Env.Options.IndexDir); !slices.Equal(got, slices.Sorted(maps.Keys(expected))) {
		t.Errorf("the folder holds indexes of %v", got)
	}
	files := snapshot(t, b.Env.Options.IndexDir)
	b.RunsAgainWithoutAWrite(databaseoptimization.Task())
	for name, docs := range b.Read() {
		taskstest.Same(t, name, before[name], docs)
	}
	if diff := cmp.Diff(files, snapshot(t, b.Env.Options.IndexDir)); diff != "" {
		t.Errorf("the second run changed the folder (-first +second):\n%s", diff)
	}
	return expected
}

// providers are those with an index in a folder, sorted.
func providers(t *testing.T, folder string) (list []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*.faiss"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		list = append(list, filepath.Base(name[:len(name)-len(".faiss")]))
	}
	return list
}

// snapshot is when each file, link and folder in a folder was last changed.
func snapshot(t *testing.T, folder string) map[string]time.Time {
	t.Helper()
	changed := map[string]time.Time{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		changed[path] = info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// The model of a real library, with vectors as long as real ones.
func TestALibraryWithVectorsOfFullLengthGetsAllItsIndexes(t *testing.T) {
	folder := t.TempDir()
	o := librarytest.DemoOptions()
	o.Files, o.Embeddings = 100, 40
	b := taskstest.New(t, librarytest.GenerateWith(1, o))
	b.Env.Options.IndexDir = folder
	want := optimize(t, b)
	names := slices.Sorted(maps.Keys(want))
	var places []faisstest.Place
	for _, name := range names {
		places = append(places, faisstest.Place{Folder: folder, Provider: name})
	}
	for i, got := range faisstest.ReadAll(t, places) {
		expectIndex(t, names[i], want[names[i]], got)
	}
	if len(want["clip"]) < 30 || len(want["clip"][0].vector) != 512 {
		t.Errorf("the library has %d vectors of clip", len(want["clip"]))
	}
}

func TestADryRunLeavesTheFolderEmpty(t *testing.T) {
	folder := t.TempDir()
	b := bench(t, 1, folder)
	plan := b.Prepare(databaseoptimization.Task())
	if got := snapshot(t, folder); len(got) != 1 {
		t.Errorf("it holds %v", got)
	}
	if plan.Counts["faissIndexesRebuilt"] == 0 || plan.Counts["indexesCreated"] == 0 {
		t.Errorf("the plan's counts are %v", plan.Counts)
	}
}

func TestWithoutAnIndexFolderTheRunSaysThatItSkipsThatPart(t *testing.T) {
	b := bench(t, 1, "")
	_, done := b.Run(databaseoptimization.Task())
	want := report.Counts{"collectionsCompacted": 0, "bytesFreed": 0, "indexesCreated": 14, "indexesConflicting": 0, "faissIndexesRebuilt": 0, "vectorsWritten": 0}
	if diff := cmp.Diff(want, done.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	expectText(t, done.Message, "there is no --index-dir")
}
