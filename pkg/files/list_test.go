package files_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

func openLibrary(t *testing.T, folder string) *files.Library {
	t.Helper()
	l, err := files.OpenLibrary(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func ok(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestAListingHoldsEveryNameOnce(t *testing.T) {
	dir := t.TempDir()
	want := map[string]bool{"folder": true, "line\nbreak": false, "\xff\xfe no text": false, "..two dots": false,
		" ": false, "link": false}
	for i := range 3000 { // more than one read of names holds
		want[fmt.Sprintf("%s %04d", strings.Repeat("x", 60), i)] = false
	}
	for name, folder := range want {
		switch {
		case folder:
			ok(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		case name == "link":
			ok(t, os.Symlink("folder", filepath.Join(dir, name)))
		default:
			ok(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
		}
	}
	got, calls := map[string]bool{}, 0
	err := openLibrary(t, dir).List(".", func(name string, folder bool) { got[name] = folder; calls++ })
	if diff := cmp.Diff(want, got); err != nil || calls != len(want) || diff != "" {
		t.Errorf("%v, %d calls (-want +got):\n%s", err, calls, diff)
	}
}

func TestAFolderThatIsNoFolderOfTheLibraryIsNotListed(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	dir, outside := t.TempDir(), t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644), os.Symlink(outside, filepath.Join(dir, "link")),
		os.Mkdir(filepath.Join(dir, "mount"), 0o755))
	mount(t, "none", filepath.Join(dir, "mount"), "tmpfs", 0)
	for folder, want := range map[string]error{
		"gone": unix.ENOENT, "file": unix.ENOTDIR, "link": unix.ENOTDIR, "link/below": unix.ELOOP, "mount": unix.EXDEV,
		"..": unix.EXDEV, "/": unix.EXDEV,
	} {
		err := openLibrary(t, dir).List(folder, func(name string, _ bool) { t.Errorf("%s: %q was listed", folder, name) })
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", folder, err, want)
		}
	}
}

// Seen to fail without the comparison of the folder's times before and after: the listing then counts as complete.
func TestAFolderThatChangesWhileItIsListedIsNoCompleteListing(t *testing.T) {
	for name, change := range map[string]func(folder string) error{
		"a file comes":       func(f string) error { return os.WriteFile(filepath.Join(f, "b"), nil, 0o644) },
		"a file goes":        func(f string) error { return os.Remove(filepath.Join(f, "a")) },
		"a file is renamed":  func(f string) error { return os.Rename(filepath.Join(f, "a"), filepath.Join(f, "z")) },
		"a folder is made":   func(f string) error { return os.Mkdir(filepath.Join(f, "sub"), 0o755) },
		"it becomes another": func(f string) error { return errors.Join(os.Rename(f, f+".old"), os.Mkdir(f, 0o755)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ok(t, os.Mkdir(filepath.Join(dir, "f"), 0o755), os.WriteFile(filepath.Join(dir, "f", "a"), nil, 0o644))
			waitForTick(t, dir)
			err := openLibrary(t, dir).List("f", func(string, bool) { ok(t, change(filepath.Join(dir, "f"))) })
			if !errors.Is(err, files.ErrChanged) {
				t.Errorf("%v, want ErrChanged", err)
			}
		})
	}
}

// waitForTick returns once the file system's clock has gone on: it is coarser than a test is fast.
func waitForTick(t *testing.T, dir string) {
	t.Helper()
	probe := filepath.Join(dir, "probe")
	changed := func() unix.Timespec {
		var st unix.Stat_t
		ok(t, os.WriteFile(probe, []byte("x"), 0o644), unix.Stat(probe, &st))
		return st.Mtim
	}
	for first := changed(); changed() == first; {
	}
	ok(t, os.Remove(probe))
}

func TestAFolderThatGoesWhileItIsListedIsNoCompleteListing(t *testing.T) {
	dir := t.TempDir()
	ok(t, os.Mkdir(filepath.Join(dir, "f"), 0o755), os.WriteFile(filepath.Join(dir, "f", "a"), nil, 0o644))
	if err := openLibrary(t, dir).List("f",
		func(string, bool) { ok(t, os.RemoveAll(filepath.Join(dir, "f"))) }); err == nil {
		t.Error("the listing was complete")
	}
}

// Seen to fail when every error counted as not found.
func TestANameExistsWhereTheFileSystemFindsIt(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	ok(t, os.MkdirAll(in("folder/deep"), 0o755), os.WriteFile(in("folder/a\xff\n"), nil, 0o644),
		os.Symlink("nowhere", in("dangling")), os.Symlink("folder", in("link")),
		os.Mkdir(in("disk"), 0o755), unix.Mount("none", in("disk"), "tmpfs", 0, "size=1m"), os.WriteFile(in("disk/b"), nil,
			0o644))
	t.Cleanup(func() { _ = unix.Unmount(in("disk"), unix.MNT_DETACH) })
	l := openLibrary(t, dir)
	for name, want := range map[string]struct {
		found bool
		err   error
	}{
		"folder": {found: true}, "folder/a\xff\n": {found: true}, "folder/deep": {found: true}, "dangling": {found: true},
		"folder/b": {}, "folder/A\xff\n": {}, "elsewhere/b": {}, "elsewhere/deep/b": {},
		"link/deep": {err: unix.ENOTDIR}, "link/deep/b": {err: unix.ELOOP}, "folder/a\xff\n/b": {err: unix.ENOTDIR},
		"disk/b": {err: unix.EXDEV}, "disk/c": {err: unix.EXDEV}, "../x": {err: unix.EXDEV},
		strings.Repeat("x", 256): {err: unix.ENAMETOOLONG},
	} {
		if found, err := l.Exists(name); found != want.found || !errors.Is(err, want.err) {
			t.Errorf("%q: %v, %v; want %v, %v", name, found, err, want.found, want.err)
		}
	}
}
