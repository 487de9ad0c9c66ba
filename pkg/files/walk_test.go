package files_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/files"
)

// plant makes a tree: a wide folder, which several workers share, and many small ones in each other.
func plant(t *testing.T, dir string) (names []string) {
	t.Helper()
	add := func(name string) {
		write(t, filepath.Join(dir, name), "x")
		names = append(names, name)
	}
	for i := range 1000 {
		add(fmt.Sprintf("wide/a name that takes some room in the buffer %04d", i))
	}
	for i := range 100 {
		add(fmt.Sprintf("deep/%d/%d/%d/one", i%3, i%7, i))
		add(fmt.Sprintf("deep/%d/%d/two %d", i%3, i%7, i))
	}
	return names
}

// Seen to fail when names that were left to another worker were not copied, and to hang when a folder was closed with
// names of it still to be done.
func TestEveryFileIsVisitedOnceWhoeverDoesTheWork(t *testing.T) {
	dir := t.TempDir()
	want := map[string]int{}
	for _, name := range plant(t, dir) {
		want[name] = 1
	}
	eachPool(t, func(t *testing.T, workers int) {
		r := open(t, dir)
		r.Workers = workers
		for range 20 {
			got := map[string]int{}
			_, err := r.Walk(t.Context(), files.Visit{File: func(e files.Entry) error { got[e.Path]++; return nil }})
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatal(err, diff)
			}
		}
	})
}

func TestAWalkIsTheSameAsALook(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a/file"), "content")
	ok(t, os.Chmod(filepath.Join(dir, "a/file"), 0o4751))
	r := open(t, dir)
	_, err := r.Walk(t.Context(), files.Visit{File: func(e files.Entry) error {
		if diff := cmp.Diff(look(t, r, e.Path), e); diff != "" {
			t.Error(diff)
		}
		return nil
	}})
	ok(t, err)
}

func TestAnErrorOfAVisitEndsTheWalk(t *testing.T) {
	dir, enough := t.TempDir(), errors.New("enough")
	plant(t, dir)
	eachPool(t, func(t *testing.T, workers int) {
		r, n := open(t, dir), 0
		r.Workers = workers
		_, err := r.Walk(t.Context(), files.Visit{File: func(files.Entry) error {
			if n++; n == 10 {
				return enough
			}
			return nil
		}})
		if !errors.Is(err, enough) || n != 10 {
			t.Errorf("%v after %d files", err, n)
		}
	})
}

func TestACanceledWalkSaysWhy(t *testing.T) {
	dir, why := t.TempDir(), errors.New("the window closed")
	plant(t, dir)
	eachPool(t, func(t *testing.T, workers int) {
		ctx, cancel := context.WithCancelCause(t.Context())
		r, n := open(t, dir), 0
		r.Workers = workers
		_, err := r.Walk(ctx, files.Visit{File: func(files.Entry) error { n++; cancel(why); return nil }})
		if !errors.Is(err, why) || n == 1200 {
			t.Errorf("%v after %d files", err, n)
		}
	})
}

func TestAFolderThatIsTooDeepIsSkipped(t *testing.T) {
	dir := t.TempDir()
	folder := dir
	for range 201 {
		folder = filepath.Join(folder, "d")
	}
	write(t, filepath.Join(filepath.Dir(folder), "reached"), "x")
	write(t, filepath.Join(folder, "not reached"), "x")
	if paths, skipped := seen(t, open(t, dir)); len(paths) != 1 || skipped.Folders != 1 {
		t.Errorf("%q, %+v", paths, skipped)
	}
}
