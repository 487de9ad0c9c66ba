package files_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// inMountNamespace tells a test that it may mount: it runs the test once more, in a process with mounts of its own.
func inMountNamespace(t *testing.T) bool {
	t.Helper()
	const mark = "FILES_TEST_MOUNTS"
	if os.Getenv(mark) == "1" {
		return true
	}
	if os.Getuid() != 0 && os.Getenv("REQUIRE_ALL") != "1" {
		t.Skip("mounting needs root")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mark+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	if err == nil && strings.Contains(string(out), "--- SKIP: "+t.Name()) {
		t.Skipf("in a mount namespace:\n%s", out)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in a mount namespace: %v\n%s", err, out)
	}
	return false
}

func mount(t *testing.T, source, target, kind string, flags uintptr) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, ""); err != nil {
		t.Fatalf("mount %s: %v", target, err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}

// Seen to fail when folders were opened without RESOLVE_NO_XDEV: the files below both mounts were visited. A comparison
// of device numbers alone let the bind mount through.
func TestAMountInsideTheRootIsNotCrossed(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "canary"), "x")
	write(t, filepath.Join(dir, "own"), "x")
	for _, name := range []string{"bind", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mount(t, outside, filepath.Join(dir, "bind"), "", unix.MS_BIND)
	mount(t, "tmpfs", filepath.Join(dir, "tmp"), "tmpfs", 0)
	write(t, filepath.Join(dir, "tmp/canary"), "x")

	r := open(t, dir)
	paths, skipped := seen(t, r)
	if diff := cmp.Diff([]string{"own"}, paths); diff != "" {
		t.Error(diff)
	}
	if skipped.Mounts != 2 || skipped.Folders != 0 || len(skipped.Why) != 2 {
		t.Errorf("skipped %+v", skipped)
	}
	if _, err := r.Look("bind/canary"); !errors.Is(err, unix.EXDEV) {
		t.Errorf("Look across a mount: %v", err)
	}
}

func TestAFileThatIsMountedIntoTheRootStays(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "canary"), "x")
	write(t, filepath.Join(dir, "file"), "")
	mount(t, filepath.Join(outside, "canary"), filepath.Join(dir, "file"), "", unix.MS_BIND)
	r := open(t, dir)
	if err := r.Delete(look(t, r, "file")); !errors.Is(err, unix.EBUSY) {
		t.Errorf("Delete: %v", err)
	}
	if gone := cleaned(t, r); !errors.Is(gone["file"], unix.EBUSY) {
		t.Errorf("Clean: %v", gone)
	}
	if _, err := r.OpenFile(look(t, r, "file"), true); !errors.Is(err, unix.EXDEV) {
		t.Errorf("OpenFile: %v", err)
	}
}

// Two sub-paths of one volume are two bind mounts whose names say nothing about each other. Seen to fail when names and
// inodes of the folders and of those above them were all that was compared.
func TestAFolderThatTouchesALibraryThroughAnotherMountIsRefused(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	volume, cache, library := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, filepath.Join(volume, "photos/2024/one.jpg"), "x")
	write(t, filepath.Join(volume, "cache folder/thumb"), "x")
	mount(t, filepath.Join(volume, "photos"), library, "", unix.MS_BIND)

	for name, test := range map[string]struct {
		source string
		unsafe bool
	}{
		"the whole volume holds the library":   {"", true},
		"the library itself":                   {"photos", true},
		"a folder in the library":              {"photos/2024", true},
		"a folder of the volume beside it":     {"cache folder", false},
		"a folder whose name begins like that": {"photos-cache", false},
	} {
		t.Run(name, func(t *testing.T) {
			source := filepath.Join(volume, test.source)
			if err := os.MkdirAll(source, 0o755); err != nil {
				t.Fatal(err)
			}
			mount(t, source, cache, "", unix.MS_BIND)
			r, err := files.Open(cache, []string{library})
			var unsafe *files.UnsafeFolderError
			if errors.As(err, &unsafe) != test.unsafe || (err == nil) == test.unsafe {
				t.Errorf("Open: %v", err)
			}
			if err == nil {
				_ = r.Close()
			}
		})
	}
}

func TestCoversSeesThroughMounts(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	volume, again, other := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, filepath.Join(volume, "sub/x"), "x")
	write(t, filepath.Join(volume, "sub/tmp/x"), "x")
	mount(t, filepath.Join(volume, "sub"), again, "", unix.MS_BIND)
	mount(t, "tmpfs", filepath.Join(volume, "sub/tmp"), "tmpfs", 0)
	whole := open(t, volume)
	for name, test := range map[string]struct {
		folder string
		want   bool
	}{
		"itself":                             {volume, true},
		"a folder in it":                     {filepath.Join(volume, "sub"), true},
		"a bind mount of a folder in it":     {again, true},
		"another file system mounted in it":  {filepath.Join(volume, "sub/tmp"), false},
		"a folder beside it":                 {other, false},
		"the folder hidden by another mount": {filepath.Join(again, "tmp"), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := whole.Covers(open(t, test.folder)); got != test.want {
				t.Errorf("Covers: %v", got)
			}
		})
	}
}
