package files_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// write makes a file, and the folders to it.
func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, folder string) *files.Root {
	t.Helper()
	r, err := files.Open(folder, nil)
	if err != nil {
		t.Fatalf("open %s: %v", folder, err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// poolSizes are the numbers of workers that every test of a walk tries.
var poolSizes = []int{1, 16}

// eachPool runs a test with each number of workers.
func eachPool(t *testing.T, test func(t *testing.T, workers int)) {
	for _, n := range poolSizes {
		t.Run(fmt.Sprintf("%d workers", n), func(t *testing.T) { test(t, n) })
	}
}

// seen are the paths of all files that a walk visits, the same with any number of workers.
func seen(t testing.TB, r *files.Root) (paths []string, skipped files.Skipped) {
	t.Helper()
	for i, n := range poolSizes {
		r.Workers = n
		again, skips := walked(t, r)
		if i > 0 && (!slices.Equal(again, paths) || skips.Folders != skipped.Folders || skips.Mounts != skipped.Mounts) {
			t.Errorf("%d workers saw %q and skipped %+v; fewer saw %q and skipped %+v", n, again, skips, paths, skipped)
		}
		paths, skipped = again, skips
	}
	return paths, skipped
}

func walked(t testing.TB, r *files.Root) (paths []string, skipped files.Skipped) {
	t.Helper()
	skipped, err := r.Walk(t.Context(), files.Visit{File: func(e files.Entry) error {
		paths = append(paths, e.Path)
		return nil
	}})
	if err != nil {
		t.Fatalf("walk: %v", err)
	}
	slices.Sort(paths)
	return paths, skipped
}

func look(t testing.TB, r *files.Root, name string) files.Entry {
	t.Helper()
	e, err := r.Look(name)
	if err != nil {
		t.Fatalf("look at %s: %v", name, err)
	}
	return e
}

// Seen to fail when Walk visited all that is no folder: the pipe, the socket, the device and the
// symbolic links were among the files.
func TestWalkVisitsRegularFilesOnly(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret"), "x")
	write(t, filepath.Join(dir, "a"), "1")
	write(t, filepath.Join(dir, "b/c/d\n é"), "22")
	for _, err := range []error{
		unix.Mkfifo(filepath.Join(dir, "pipe"), 0o644),
		unix.Mknod(filepath.Join(dir, "socket"), unix.S_IFSOCK|0o644, 0),
		os.Symlink(outside, filepath.Join(dir, "folder-link")),
		os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "file-link")),
		os.Symlink("..", filepath.Join(dir, "b/up")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() == 0 { // only root makes devices; this one is /dev/null
		if err := unix.Mknod(filepath.Join(dir, "device"), unix.S_IFCHR|0o644, 1<<8|3); err != nil {
			t.Fatal(err)
		}
	}
	paths, skipped := seen(t, open(t, dir))
	if diff := cmp.Diff([]string{"a", "b/c/d\n é"}, paths); diff != "" {
		t.Error(diff)
	}
	if skipped.Folders != 0 {
		t.Errorf("skipped %v", skipped)
	}
}

// Seen to fail when Delete unlinked without looking again.
func TestAFileThatChangedIsLeftAlone(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"it has grown": func(name string) error { return os.WriteFile(name, []byte("longer"), 0o644) },
		"it was written again at another time": func(name string) error {
			return os.Chtimes(name, time.Time{}, time.Now().Add(-time.Hour))
		},
		"another file has its name": func(name string) error {
			return errors.Join(os.WriteFile(name+".new", []byte("old"), 0o644), os.Rename(name+".new", name))
		},
		"a symbolic link has its name": func(name string) error {
			return errors.Join(os.Rename(name, name+".old"), os.Symlink(name+".old", name))
		},
		"a pipe has its name": func(name string) error { return errors.Join(os.Remove(name), unix.Mkfifo(name, 0o644)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "file")
			write(t, file, "old")
			r := open(t, dir)
			e := look(t, r, "file")
			if err := change(file); err != nil {
				t.Fatal(err)
			}
			if err := r.Delete(e); !errors.Is(err, files.ErrChanged) {
				t.Errorf("Delete: %v", err)
			}
			if _, err := os.Lstat(file); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDeleteSaysWhatIsGone(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "sub/file"), "x")
	r := open(t, dir)
	e := look(t, r, "sub/file")
	if err := r.Delete(e); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete(e); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleted twice: %v", err)
	}
	for _, want := range []bool{true, false} {
		if got, err := r.RemoveEmpty("sub"); got != want || err != nil {
			t.Errorf("RemoveEmpty: %v, %v, want %v", got, err, want)
		}
	}
}

// Of a volume that only its owner's user may write, lost+found would make every run of that user a partial one.
func TestWalkLeavesLostAndFoundOut(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "lost+found/1234"), "x")
	write(t, filepath.Join(dir, "a/lost+found/1"), "x")
	if paths, _ := seen(t, open(t, dir)); !slices.Equal(paths, []string{"a/lost+found/1"}) {
		t.Errorf("%q", paths)
	}
}

// Seen to fail with os.Remove of the joined paths: the canary went.
func TestTheRootIsTheFolderThatWasOpened(t *testing.T) {
	dir, outside := filepath.Join(t.TempDir(), "root"), t.TempDir()
	write(t, filepath.Join(dir, "sub/file"), "x")
	r := open(t, dir)
	e := look(t, r, "sub/file")
	if err := errors.Join(os.Mkdir(filepath.Join(outside, "sub"), 0o755), os.Link(filepath.Join(dir, "sub/file"),
		filepath.Join(outside, "sub/file")),
		os.Rename(dir, dir+".moved"), os.Symlink(outside, dir)); err != nil {
		t.Fatal(err)
	}
	if err := r.Delete(e); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir+".moved", "sub/file")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(outside, "sub/file")); err != nil {
		t.Errorf("the canary: %v", err)
	}
}
