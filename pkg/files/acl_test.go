package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// userMayWrite is an access control list, as the kernel stores it: version 2, then tag, permissions and id of each entry.
// User 4711 may read and write; the group may not, although the permissions say 0660.
var userMayWrite = []byte{
	2, 0, 0, 0,
	0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, // the owner
	0x02, 0, 6, 0, 0x67, 0x12, 0, 0, // user 4711
	0x04, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, // the group
	0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, // the mask
	0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, // others
}

const accessList = "system.posix_acl_access"

// listed is a log with an access control list.
func listed(t *testing.T) (*files.Root, files.Entry, string) {
	t.Helper()
	r, _, dir := stranger(t, 0o600)
	err := unix.Setxattr(filepath.Join(dir, "app.log"), accessList, userMayWrite, 0)
	if errors.Is(err, unix.EOPNOTSUPP) {
		t.Skip("this file system has no access control lists")
	}
	ok(t, err)
	e, err := r.Look("app.log")
	ok(t, err)
	return r, e, dir
}

// Seen to fail when only owner, group and permissions were kept: user 4711 could not write the new log, and the group
// could.
func TestACreatedFileHasTheAccessListOfTheOther(t *testing.T) {
	r, like, dir := listed(t)
	for name, create := range creators(r) {
		f, err := create(name, like)
		ok(t, err)
		ok(t, f.Close())
		list := make([]byte, 1024)
		n, err := unix.Getxattr(filepath.Join(dir, name), accessList, list)
		if diff := cmp.Diff(userMayWrite, list[:max(n, 0)]); diff != "" || err != nil {
			t.Errorf("%s: %v, its list (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestACopyWhoseAccessListCannotBeKeptGrantsNothing(t *testing.T) {
	r, like, _ := listed(t)
	asNobody(t)
	f, err := r.CreateCopy("copy", like)
	ok(t, err)
	ok(t, f.Close())
	if e, err := r.Look("copy"); err != nil || e.Mode != 0o600 {
		t.Errorf("%+v, %v", e, err)
	}
	if f, err := r.Create("new.log", like); !errors.Is(err, files.ErrOwner) || f != nil {
		t.Errorf("%v", err)
	}
	if _, err := r.Look("new.log"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was left: %v", err)
	}
}
