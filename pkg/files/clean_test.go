package files_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/pathhash"
)

// cleaned lets every file go, and returns what came of each.
func cleaned(t *testing.T, r *files.Root) map[string]error {
	t.Helper()
	told := map[string]error{}
	_, err := r.Clean(t.Context(), files.Cleaning{Goes: everyFile, Deleted: func(e files.Entry,
		err error) {
		told[e.Path] = err
	}})
	ok(t, err)
	return told
}

func TestCleaningRemovesWhatGoesAndTheFoldersThatItEmptied(t *testing.T) {
	eachPool(t, func(t *testing.T, workers int) {
		dir := t.TempDir()
		names := plant(t, dir)
		write(t, filepath.Join(dir, "deep/0/stays"), "x")
		ok(t, os.MkdirAll(filepath.Join(dir, "empty/before"), 0o755))
		r := open(t, dir)
		r.Workers = workers
		var told []string
		_, err := r.Clean(t.Context(), files.Cleaning{
			Goes: func(e files.Entry) bool { return e.Path != "deep/0/stays" },
			Deleted: func(e files.Entry, err error) {
				told = append(told, e.Path)
				ok(t, err)
			},
		})
		ok(t, err)
		slices.Sort(told)
		slices.Sort(names)
		if diff := cmp.Diff(names, told); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{".", "deep", "deep/0", "deep/0/stays", "empty", "empty/before"},
			tree(t, dir)); diff != "" {
			t.Error(diff)
		}
	})
}

func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	ok(t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		name, _ = filepath.Rel(dir, name)
		names = append(names, name)
		return err
	}))
	return names
}

// Seen to fail without the look at the folder's place: all files went, outside of the root.
func TestAFolderThatIsMovedOutOfTheRootIsLeftAlone(t *testing.T) {
	eachPool(t, func(t *testing.T, workers int) {
		dir, outside := t.TempDir(), t.TempDir()
		write(t, filepath.Join(dir, "folder/1"), "x")
		write(t, filepath.Join(dir, "folder/2"), "x")
		r := open(t, dir)
		r.Workers = workers
		var move sync.Once
		told := map[string]error{}
		_, err := r.Clean(t.Context(), files.Cleaning{
			Goes: func(files.Entry) bool {
				move.Do(func() {
					ok(t, os.Rename(filepath.Join(dir, "folder"), filepath.Join(outside, "folder")),
						os.Mkdir(filepath.Join(dir, "folder"), 0o755))
				})
				return true
			},
			Deleted: func(e files.Entry, err error) { told[e.Path] = err },
		})
		ok(t, err)
		for _, name := range []string{"folder/1", "folder/2"} {
			if _, err := os.Lstat(filepath.Join(outside, name)); err != nil || !errors.Is(told[name], files.ErrChanged) {
				t.Errorf("%s: %v, told %v", name, err, told[name])
			}
		}
	})
}

// Seen to fail when the place was looked at once for a folder, and once for 32 files.
func TestAFolderThatIsMovedLaterLosesNoFileMore(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	plant(t, dir)
	r := open(t, dir)
	r.Workers = 1
	n, deleted := 0, 0
	_, err := r.Clean(t.Context(), files.Cleaning{
		Goes: func(e files.Entry) bool {
			if filepath.Dir(e.Path) != "wide" {
				return false
			}
			if n++; n == 10 {
				ok(t, os.Rename(filepath.Join(dir, "wide"), filepath.Join(outside, "wide")))
			}
			return true
		},
		Deleted: func(_ files.Entry, err error) {
			if err == nil {
				deleted++
			}
		},
	})
	ok(t, err)
	if deleted != 9 {
		t.Errorf("%d files were deleted", deleted)
	}
}

// Its files are in the root, but not where they were seen.
func TestAFolderThatIsRenamedInTheRootIsSoonLeftAlone(t *testing.T) {
	for to, most := range map[string]int{"other": 32, "deep/wide": 9} {
		dir := t.TempDir()
		plant(t, dir)
		r := open(t, dir)
		r.Workers = 1
		n, deleted := 0, 0
		_, err := r.Clean(t.Context(), files.Cleaning{
			Goes: func(e files.Entry) bool {
				if filepath.Dir(e.Path) != "wide" {
					return false
				}
				if n++; n == 10 {
					ok(t, os.Rename(filepath.Join(dir, "wide"), filepath.Join(dir, to)))
				}
				return true
			},
			Deleted: func(e files.Entry, err error) {
				if err == nil && filepath.Dir(e.Path) == "wide" {
					deleted++
				}
			},
		})
		ok(t, err)
		if deleted != most {
			t.Errorf("renamed to %s: %d files were deleted", to, deleted)
		}
	}
}

// Seen to fail when every file was looked at, and when a marker among the others was passed over.
func TestOnlyTheNamesThatMayGoAreLookedAt(t *testing.T) {
	eachPool(t, func(t *testing.T, workers int) {
		dir := t.TempDir()
		names := plant(t, dir)
		r := open(t, dir)
		r.Workers = workers
		var among files.Names
		for _, name := range names[:100] {
			among.Add(pathhash.Of(name))
		}
		var looked atomic.Int64
		gone := map[string]bool{}
		clean := func() error {
			_, err := r.Clean(t.Context(), files.Cleaning{
				Among:   &among,
				Goes:    func(files.Entry) bool { looked.Add(1); return true },
				Deleted: func(e files.Entry, err error) { gone[e.Path] = err == nil },
			})
			return err
		}
		ok(t, clean())
		for _, name := range names[:100] {
			if !gone[name] {
				t.Errorf("%s is there", name)
			}
		}
		if n := looked.Load(); n > 105 {
			t.Errorf("%d files were looked at", n)
		}
		write(t, filepath.Join(dir, "narrow", files.Marker), "id")
		if err := clean(); !errors.As(err, new(*files.UnsafeFolderError)) {
			t.Errorf("with a marker: %v", err)
		}
	})
}

// Seen to fail when a canceled walk reported nothing more.
func TestWhatWasDeletedIsToldEvenIfTheCleaningIsCanceled(t *testing.T) {
	eachPool(t, func(t *testing.T, workers int) {
		dir := t.TempDir()
		names := plant(t, dir)
		r := open(t, dir)
		r.Workers = workers
		ctx, cancel := context.WithCancel(t.Context())
		var asked sync.Mutex
		n, told := 0, 0
		_, err := r.Clean(ctx, files.Cleaning{
			Goes: func(files.Entry) bool {
				asked.Lock()
				defer asked.Unlock()
				if n++; n == 600 {
					cancel()
				}
				return true
			},
			Deleted: func(_ files.Entry, err error) {
				if err == nil {
					told++
				}
			},
		})
		left := slices.DeleteFunc(names, func(name string) bool {
			_, err := os.Lstat(filepath.Join(dir, name))
			return err != nil
		})
		if !errors.Is(err, context.Canceled) || told != 1200-len(left) || len(left) == 0 {
			t.Errorf("%v: %d told, %d left", err, told, len(left))
		}
	})
}

func TestCleaningLeavesEverythingThatIsNoFile(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "canary"), "x")
	write(t, filepath.Join(dir, "file"), "x")
	ok(t, os.Symlink(outside, filepath.Join(dir, "link")), os.Symlink(filepath.Join(outside, "canary"),
		filepath.Join(dir, "file link")))
	if told := cleaned(t, open(t, dir)); len(told) != 1 {
		t.Errorf("%v", told)
	}
	if diff := cmp.Diff([]string{".", "file link", "link"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}
