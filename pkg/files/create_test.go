package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// asNobody takes the superuser's rights over files from this test.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can make a file of somebody else")
	}
	runtime.LockOSThread()
	ok(t, unix.Setfsuid(65534), unix.Setfsgid(65534))
	t.Cleanup(func() {
		_ = unix.Setfsuid(0)
		_ = unix.Setfsgid(0)
		runtime.UnlockOSThread()
	})
}

// stranger is an open folder in which everybody may write, and a log in it that belongs to somebody else.
func stranger(t *testing.T, mode fs.FileMode) (*files.Root, files.Entry, string) {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "app.log")
	write(t, name, "line\n")
	ok(t, os.Chmod(dir, 0o777), os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(name, mode))
	r := open(t, dir)
	e, err := r.Look("app.log")
	ok(t, err)
	return r, e, dir
}

// Seen to fail when a refused chown was of no account: the new log belonged to this user, and its program could not
// write it.
func TestAFileWhoseOwnerCannotBeKeptIsNotMade(t *testing.T) {
	r, like, dir := stranger(t, 0o640)
	asNobody(t)
	if f, err := r.Create("new.log", like); !errors.Is(err, files.ErrOwner) || f != nil {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "new.log")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was left: %v", err)
	}
}

// Seen to fail when the group's permissions were granted to the group of this process.
func TestACopyWhoseOwnerCannotBeKeptGrantsNothingToOthers(t *testing.T) {
	r, like, _ := stranger(t, 0o660)
	asNobody(t)
	f, err := r.CreateCopy("copy", like)
	ok(t, err)
	ok(t, f.Close())
	if e, err := r.Look("copy"); err != nil || e.UID != 65534 || e.Mode != 0o600 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestACreatedFileIsLikeTheOther(t *testing.T) {
	r, like, dir := stranger(t, 0o662)
	if os.Getuid() == 0 {
		ok(t, os.Chown(filepath.Join(dir, "app.log"), 12, 34))
		like.UID, like.GID = 12, 34
	}
	for name, create := range creators(r) {
		f, err := create(name, like)
		ok(t, err)
		ok(t, f.Close())
		e, err := r.Look(name)
		ok(t, err)
		if e.UID != like.UID || e.GID != like.GID || e.Mode != like.Mode || e.Size != 0 {
			t.Errorf("%s: %+v", name, e)
		}
		if _, err := create(name, like); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s once more: %v", name, err)
		}
	}
}

// creators are the ways to create a file, by the name of the file.
func creators(r *files.Root) map[string]func(string, files.Entry) (*os.File, error) {
	return map[string]func(string, files.Entry) (*os.File, error){"created": r.Create, "copied": r.CreateCopy}
}
