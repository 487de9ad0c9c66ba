package databaseoptimization_test

import (
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/faisstest"
	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
)

// clean is a library without dirt: every vector belongs in an index.
func clean(t testing.TB, l librarytest.Layout, folder string) *taskstest.Bench {
	t.Helper()
	b := taskstest.New(t, librarytest.GenerateWith(1, cleanOptions(l)))
	b.Env.Options.IndexDir = folder
	return b
}

func cleanOptions(l librarytest.Layout) librarytest.Options {
	return librarytest.Options{
		Layout: l, Prefix: "/library", Roots: 1, Directories: 2, Files: 30, Tags: 3, Albums: 2, Embeddings: 20,
		Relations: 3, Detections: 3, Jobs: 1, Tasks: 3, Journal: 3, ClipDimension: 8,
	}
}

// indexesOf is how many indexes the declaration wants of the collections that exist.
func indexesOf(b *taskstest.Bench) (n int64) {
	docs := b.Read()
	for _, declared := range b.Env.Library.Indexes {
		if len(docs[declared.Collection]) > 0 {
			n += int64(len(declared.Indexes))
		}
	}
	return n
}

// vectors are what the indexes should hold.
func vectors(b *taskstest.Bench) map[string]map[string][]float64 { return b.Layout.Vectors(b.Read()) }

// providers are those with an index in a folder, sorted.
func providers(t *testing.T, folder string) (list []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*.faiss"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		list = append(list, strings.TrimSuffix(filepath.Base(name), ".faiss"))
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
		if err == nil {
			changed[path] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// expectIndexes reads the indexes in a folder with FAISS and compares them with what they should hold.
func expectIndexes(t *testing.T, folder string, want map[string]map[string][]float64) {
	t.Helper()
	names := slices.Sorted(maps.Keys(want))
	var places []faisstest.Place
	for _, name := range names {
		places = append(places, faisstest.Place{Folder: folder, Provider: name})
	}
	for i, got := range faisstest.ReadAll(t, places) {
		expectIndex(t, names[i], want[names[i]], got)
	}
}

// expectIndex compares what FAISS read with the vectors that should be there, in any order.
func expectIndex(t *testing.T, what string, want map[string][]float64, got faisstest.Index) {
	t.Helper()
	found := map[string]bool{}
	for i, id := range got.ObjectIDs {
		found[id] = true
		if !parallel(want[id], got.Vectors[i]) {
			t.Errorf("%s: the vector of %s is %v, want the direction of %v", what, id, got.Vectors[i], want[id])
		}
	}
	if len(found) != len(want) || len(got.ObjectIDs) != len(want) {
		t.Errorf("%s: the index has %d vectors of %d files, want %d", what, len(got.ObjectIDs), len(found), len(want))
	}
}

// parallel tells whether unit is vector at length 1.
func parallel(vector []float64, unit []float32) bool {
	squares := 0.0
	for _, x := range vector {
		squares += x * x
	}
	return slices.EqualFunc(vector, unit, func(x float64, u float32) bool {
		return math.Abs(x/math.Sqrt(squares)-float64(u)) < 1e-6
	})
}

func expectText(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q is not in %q", part, text)
	}
}
