package files_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// swapper exchanges a folder for a symbolic link to another one, and back, until it is stopped.
func swapper(t *testing.T, folder, outside string) (stop func()) {
	t.Helper()
	link := folder + ".link"
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := unix.Renameat2(unix.AT_FDCWD, folder, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE); err != nil {
				t.Errorf("swap: %v", err)
				return
			}
		}
	})
	return func() { close(done); running.Wait() }
}

// rounds is far more than the naive versions survive: those failed within 350.
const rounds = 2000

// canaries are files outside of a root, and the same files, by hard links, inside: no look at the file itself can
// tell them apart.
type canaries struct {
	outside string
	names   []string
	inside  int // the open folder inside, which stays open wherever it is moved
}

func newCanaries(t *testing.T, inside, outside string) canaries {
	t.Helper()
	c := canaries{outside: outside}
	for i := range 20 {
		c.names = append(c.names, fmt.Sprintf("file%d", i))
		write(t, filepath.Join(outside, c.names[i]), "canary")
	}
	var err error
	if c.inside, err = unix.Open(inside, unix.O_RDONLY|unix.O_DIRECTORY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(c.inside) })
	return c
}

func (c canaries) link(t *testing.T) {
	t.Helper()
	for _, name := range c.names {
		if err := unix.Linkat(unix.AT_FDCWD, filepath.Join(c.outside, name), c.inside, name, 0); err != nil &&
			!errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
	}
}

func (c canaries) check(t *testing.T, round int) {
	t.Helper()
	for _, name := range c.names {
		if _, err := os.Lstat(filepath.Join(c.outside, name)); err != nil {
			t.Fatalf("round %d: a file outside of the root is gone: %v", round, err)
		}
	}
}

// Seen to fail in its first rounds with filepath.WalkDir and os.Remove, with Walk and os.Remove of the entry's path,
// and with Delete when it opened the file's folder by openat instead of openat2.
func TestNothingOutsideIsDeletedWhileAFolderIsSwappedForALink(t *testing.T) {
	for name, remove := range removers {
		t.Run(name, func(t *testing.T) {
			eachPool(t, func(t *testing.T, workers int) {
				dir, outside := t.TempDir(), t.TempDir()
				folder := filepath.Join(dir, "a", "folder")
				write(t, filepath.Join(folder, "file"), "x")
				c := newCanaries(t, folder, outside)
				r := open(t, dir)
				r.Workers = workers
				stop := swapper(t, folder, outside)
				defer stop()
				deleted := 0
				for round := range rounds {
					c.link(t)
					n, err := remove(t, r)
					if deleted += n; err != nil {
						t.Fatal(err)
					}
					c.check(t, round)
				}
				if deleted == 0 {
					t.Error("nothing was ever deleted: the test tests nothing")
				}
			})
		})
	}
}

// removers delete every file below a root, and return how many.
var removers = map[string]func(*testing.T, *files.Root) (int, error){
	"file by file": func(t *testing.T, r *files.Root) (deleted int, err error) {
		_, err = r.Walk(t.Context(), files.Visit{File: func(e files.Entry) error {
			if r.Delete(e) == nil {
				deleted++
			}
			return nil
		}})
		return deleted, err
	},
	"while walking": func(t *testing.T, r *files.Root) (deleted int, err error) {
		_, err = r.Clean(t.Context(), files.Cleaning{Goes: everyCanary, Deleted: func(_ files.Entry, err error) {
			if err == nil {
				deleted++
			}
		}})
		return deleted, err
	},
}

func everyFile(files.Entry) bool { return true }

// everyCanary leaves one file, so that the folder stays.
func everyCanary(e files.Entry) bool { return filepath.Base(e.Path) != "file" }

// Seen to fail with os.Rename, os.Create and os.OpenFile of the joined paths.
func TestNothingOutsideIsTouchedByTheOtherOperationsEither(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	folder := filepath.Join(dir, "folder")
	write(t, filepath.Join(folder, "file0"), "x")
	c := newCanaries(t, folder, outside)
	c.link(t)
	r := open(t, dir)
	stop := swapper(t, folder, outside)
	defer stop()
	renamed := 0
	for round := range rounds {
		c.link(t)
		e, err := r.Look("folder/file1")
		if err != nil {
			continue
		}
		if r.Rename(e, "renamed") == nil {
			renamed++
		}
		e.Path = "folder/renamed"
		_ = r.Rename(e, "file1")
		for name, create := range creators(r) {
			if f, err := create("folder/"+name, e); err == nil {
				_ = f.Close()
			}
		}
		c.check(t, round)
		for _, name := range []string{"renamed", "created", "copied"} {
			if _, err := os.Lstat(filepath.Join(outside, name)); err == nil {
				t.Fatalf("round %d: %s came to be outside of the root", round, name)
			}
			_ = unix.Unlinkat(c.inside, name, 0)
		}
	}
	if renamed == 0 {
		t.Error("nothing was ever renamed: the test tests nothing")
	}
}
