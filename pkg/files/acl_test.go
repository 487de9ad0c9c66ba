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

// userMayWrite is an access control list, as the kernel stores it: version 2, then tag, permissions and id of each
// entry. User 4711 may read and write; the group may not, although the permissions say 0660.
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

// Seen to fail, with a new log that the users in the list could not write, when only POSIX lists were kept.
func TestAListOfAnyKindIsKeptOrNoFileIsMade(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	const nfs, unknown = "system.nfs4_acl", "system.futureacl"
	lists := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		disk  served
		log   map[string]string
		fails bool
	}{
		"NFSv4":            {served{every: lists(nfs, "default")}, lists(nfs, "4711 may write"), false},
		"NFSv4, not named": {served{every: lists(nfs, "default"), hidden: true}, lists(nfs, "4711 may write"), false},
		"NFSv4, refused":   {served{every: lists(nfs, "default"), fixed: true}, lists(nfs, "4711 may write"), true},
		"NFSv4, refused and as every file has it": {served{every: lists(nfs, "default"), fixed: true}, lists(nfs, "default"),
			false},
		"a kind that nobody knows":                 {served{}, lists(unknown, "4711 may write"), false},
		"a kind that nobody knows, refused":        {served{fixed: true}, lists(unknown, "4711 may write"), true},
		"one of the folder that the log has not":   {served{every: lists(nfs, "all may write")}, nil, false},
		"one of the folder that cannot be removed": {served{every: lists(nfs, "all may write"), fixed: true}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			disk := c.disk
			disk.serve(t, dir, c.log)
			r := open(t, dir)
			like, err := r.Look("app.log")
			ok(t, err)
			f, err := r.Create("new.log", like)
			if f != nil {
				ok(t, f.Close())
			}
			if errors.Is(err, files.ErrOwner) != c.fails || (f == nil) != c.fails {
				t.Fatalf("%v", err)
			}
			if c.fails {
				if _, err := r.Look("new.log"); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("something was left: %v", err)
				}
				return
			}
			got := make([]byte, 1024)
			for name, want := range c.log {
				n, err := unix.Getxattr(filepath.Join(dir, "new.log"), name, got)
				if err != nil || string(got[:n]) != want {
					t.Errorf("%s is %q, %v", name, got[:max(n, 0)], err)
				}
			}
			if n, err := unix.Getxattr(filepath.Join(dir, "new.log"), nfs, got); c.log == nil && !errors.Is(err, unix.ENODATA) {
				t.Errorf("it has the folder's list: %q, %v", got[:max(n, 0)], err)
			}
		})
	}
}

// Seen to fail, with a copy that user 4711 could read, when only what the log has was looked at.
func TestAListOfTheFolderIsNotHandedDown(t *testing.T) {
	r, like, dir := stranger(t, 0o600)
	err := unix.Setxattr(dir, "system.posix_acl_default", userMayWrite, 0)
	if errors.Is(err, unix.EOPNOTSUPP) {
		t.Skip("this file system has no access control lists")
	}
	ok(t, err)
	for name, create := range creators(r) {
		f, err := create(name, like)
		ok(t, err)
		ok(t, f.Close())
		if n, err := unix.Getxattr(filepath.Join(dir, name), accessList, make([]byte, 1024)); !errors.Is(err, unix.ENODATA) {
			t.Errorf("%s has the folder's list: %d bytes, %v", name, n, err)
		}
		if e, err := r.Look(name); err != nil || e.Mode != like.Mode {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}
