package cleanuporphanedfilerecords

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/report"
)

// These tests were seen to fail on the naive version that disk_test.go describes; those that say so also on a smaller
// fault.

// faulty is a lab whose library fails in one folder, or, where it is silent, hides what is in it.
type faulty struct {
	presence.Disk
	folder string
	err    error
	after  int // names that it gives before
	silent bool
	blind  bool // it does not find by name either what it hides
}

func (f faulty) Exists(name string) (bool, error) {
	if f.blind && path.Dir(name) == f.folder {
		return false, nil
	}
	return f.Disk.Exists(name)
}

func (f faulty) List(folder string, each func(string, bool)) error {
	if folder != f.folder {
		return f.Disk.List(folder, each)
	}
	given := 0
	err := f.Disk.List(folder, func(name string, isFolder bool) {
		if given++; given <= f.after {
			each(name, isFolder)
		}
	})
	if f.silent {
		return err
	}
	return f.err
}

func TestAFolderThatFailsIsUnknownAndTheRestIsJudged(t *testing.T) {
	for _, cause := range []error{syscall.EACCES, syscall.EIO, syscall.ESTALE, syscall.ENOTCONN} {
		for _, after := range []int{0, 1} {
			t.Run(fmt.Sprintf("%v after %d names", cause, after), func(t *testing.T) {
				l := fearless(t)
				l.keep("a", "2019/b", "2019/c", "2019/deep/d")
				l.record("gone", "2019/gone", "2019/deep/gone", "2019/gone/gone")
				open := l.open
				l.open = func(folder string) (presence.Disk, error) {
					lib, err := open(folder)
					return faulty{Disk: lib, folder: "2019", err: cause, after: after}, err
				}
				r := l.run()
				l.expect(r, report.Partial, report.ReasonDirectoriesUnknown,
					"a 2019/b 2019/c 2019/deep/d 2019/gone 2019/deep/gone 2019/gone/gone")
				if r.Counts["directoriesUnknown"] != 1 || r.Counts["recordsDeleted"] != 1 {
					t.Errorf("counts %v", r.Counts)
				}
			})
		}
	}
}

// A disk that is unmounted by force while it is read fails every listing.
func TestARootThatFailsWhileTheRunIsUnderWayIsRefused(t *testing.T) {
	for name, opens := range map[string]int{"while it gathers": 1, "before it deletes": 2} {
		t.Run(name, func(t *testing.T) {
			l := fearless(t)
			l.keep("a", "b")
			l.settle()
			l.remove("b")
			open, n := l.open, 0
			l.open = func(folder string) (presence.Disk, error) {
				lib, err := open(folder)
				if n++; n == opens {
					return faulty{Disk: lib, folder: ".", err: syscall.ENOTCONN}, err
				}
				return lib, err
			}
			l.expect(l.run(), report.Refused, report.ReasonRootNotMounted, "a b")
		})
	}
}

// A server that ends a listing early without an error cannot be told from a folder without those files, but by asking
// it for each name. Seen to fail also without that: with a grace period of 0 the records went.
func TestAFileThatNoListingGivesIsAliveWhereTheDiskFindsIt(t *testing.T) {
	l := fearless(t)
	l.keep("a", "2019/b", "2019/c", "2019/d")
	open := l.open
	l.open = func(folder string) (presence.Disk, error) {
		lib, err := open(folder)
		return faulty{Disk: lib, folder: "2019", after: 1, silent: true}, err
	}
	l.record("2019/gone")
	r := l.run()
	l.expect(r, report.Succeeded, "", "a 2019/b 2019/c 2019/d")
	if r.Counts["recordsMissing"] != 1 || l.notes() != "" {
		t.Errorf("counts %v, notes %q", r.Counts, l.notes())
	}
}

// One that does not find them by name either can be told by a later look: the one just before the record goes. Seen to
// fail also without that.
func TestAShortListingThatTheNextOneContradictsDeletesNothing(t *testing.T) {
	l := fearless(t)
	l.keep("a", "2019/b", "2019/c", "2019/d")
	l.settle()
	open, n := l.open, 0
	l.open = func(folder string) (presence.Disk, error) {
		lib, err := open(folder)
		if n++; n == 1 {
			return faulty{Disk: lib, folder: "2019", after: 1, silent: true, blind: true}, err
		}
		return lib, err
	}
	r := l.run()
	l.expect(r, report.Succeeded, "", "a 2019/b 2019/c 2019/d")
	if len(r.Warnings) < 2 || !strings.Contains(r.Warnings[len(r.Warnings)-1], "2 files came back") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// asNobody runs a test once more as a user without rights, in a process whose files others may read.
func asNobody(t *testing.T, mark string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := errors.Join(os.Chmod(dir, 0o777), copyTestBinary(dir+"/test")); err != nil {
		t.Fatal(err)
	}
	tool := mongotest.Tool(t, "ferretdb")
	cmd := exec.Command(dir+"/test", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), mark+"=1", "TMPDIR="+dir, "HOME="+dir, "TOOLS_BIN="+filepath.Dir(tool))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

// copyTestBinary copies this program to where anybody may run it.
func copyTestBinary(to string) error {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	return os.WriteFile(to, program, 0o755)
}

// As another user an unreadable folder is really unreadable, which it is not for root.
func TestAnUnreadableFolderIsUnknown(t *testing.T) {
	const mark = "FILE_RECORDS_TEST_NOBODY"
	if os.Getuid() == 0 && os.Getenv(mark) == "" {
		asNobody(t, mark)
		return
	}
	l := fearless(t)
	l.keep("a", "2019/b", "2019/deep/c")
	l.record("gone", "2019/gone", "2019/deep/gone")
	l.must(os.Chmod(l.on("2019"), 0))
	t.Cleanup(func() { _, _ = os.Chmod(l.on("2019"), 0o755), os.Chmod(l.on("2019/deep"), 0o755) })
	r := l.run()
	l.expect(r, report.Partial, report.ReasonDirectoriesUnknown, "a 2019/b 2019/deep/c 2019/gone 2019/deep/gone")
	if says := `"2019" could not be listed: ` + files.Reader() + " may not read it: " +
		files.ReadableRemedy; !strings.Contains(fmt.Sprint(r.Warnings), says) {
		t.Errorf("warnings %q", r.Warnings)
	}
	l.must(os.Chmod(l.on("2019"), 0o755), os.Chmod(l.on("2019/deep"), 0o444)) // names can be read, and none be asked for
	l.expect(l.run(), report.Partial, report.ReasonDirectoriesUnknown, "a 2019/b 2019/deep/c 2019/deep/gone")
	l.mkdir("lost+found") // of ext4: no record lies in it
	l.must(os.Chmod(l.on("2019/deep"), 0o755), os.Chmod(l.on("lost+found"), 0))
	l.expect(l.run(), report.Succeeded, "", "a 2019/b 2019/deep/c")
}
