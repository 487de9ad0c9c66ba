package files

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// again opens the folder of e and makes sure that e is still what it was, as same judges. The caller closes the folder.
func (r *Root) again(e Entry, same func(was, now Entry) bool) (dir int, base string, err error) {
	dir, base, err = r.parent(e.Path)
	if err != nil {
		return -1, "", err
	}
	now, regular, err := look(dir, base, e.Path)
	if err == nil && !(regular && same(e, now)) {
		err = ErrChanged
	}
	if err != nil {
		_ = unix.Close(dir)
		return -1, "", r.failed("look at", e.Path, err)
	}
	return dir, base, nil
}

// Delete removes a file. It is ErrChanged where the file is not what it was, and fs.ErrNotExist where it is gone.
func (r *Root) Delete(e Entry) error {
	dir, base, err := r.again(e, unchanged)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	if err := unix.Unlinkat(dir, base, 0); err != nil {
		return r.failed("delete", e.Path, err)
	}
	return nil
}

// RemoveEmpty removes a folder if it is empty, and tells whether it did. One that is in use, or gone, is no error.
func (r *Root) RemoveEmpty(folder string) (bool, error) {
	dir, base, err := r.parent(folder)
	if err != nil {
		return false, err
	}
	defer unix.Close(dir)
	switch err := unix.Unlinkat(dir, base, unix.AT_REMOVEDIR); {
	case err == nil:
		return true, nil
	case errors.Is(err, unix.ENOTEMPTY), errors.Is(err, unix.EEXIST), errors.Is(err, unix.ENOENT),
		errors.Is(err, unix.EBUSY), errors.Is(err, unix.ENOTDIR):
		return false, nil
	default:
		return false, r.failed("remove the folder", folder, err)
	}
}

// Rename gives a file, which may have been written to since e saw it, another name in its folder. It replaces
// nothing: fs.ErrExist where the name is taken. On a file system without that guarantee, such as NFS, a process that
// is killed between two steps leaves the file under both names.
func (r *Root) Rename(e Entry, base string) error {
	dir, old, err := r.again(e, Entry.Same)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	base = filepath.Base(base)
	err = unix.Renameat2(dir, old, dir, base, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		err = linkAndUnlink(dir, old, base) // the file system, the kernel or the sandbox has no RENAME_NOREPLACE
	}
	if err != nil {
		return r.failed("rename", e.Path, err)
	}
	return nil
}

// linkAndUnlink renames on a file system without RENAME_NOREPLACE: link(2) never replaces a file. A file system
// without hard links gets lookAndRename, which leaves a moment between the look and the rename.
func linkAndUnlink(dir int, old, base string) error {
	switch err := unix.Linkat(dir, old, dir, base, 0); {
	case err == nil:
		return unix.Unlinkat(dir, old, 0)
	case slices.ContainsFunc(noLinks, func(no syscall.Errno) bool { return errors.Is(err, no) }):
		return lookAndRename(dir, old, base)
	default:
		return err
	}
}

// noLinks are the errors of link(2) on a file system without hard links.
var noLinks = []syscall.Errno{unix.EPERM, unix.EOPNOTSUPP, unix.ENOSYS, unix.EMLINK}

func lookAndRename(dir int, old, base string) error {
	var st unix.Stat_t
	switch err := unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW); {
	case err == nil:
		return unix.EEXIST
	case !errors.Is(err, unix.ENOENT):
		return err
	}
	return unix.Renameat(dir, old, dir, base)
}

// OpenFile opens the file that e saw, for reading, or with write also for writing. It is ErrChanged where another
// file has its name; a file that has only grown is the same.
func (r *Root) OpenFile(e Entry, write bool) (*os.File, error) {
	flags := uint64(unix.O_RDONLY)
	if write {
		flags = unix.O_RDWR
	}
	fd, err := openBeneath(r.fd, e.Path, flags|unix.O_NONBLOCK) // what has become a pipe must not block the opening
	if err != nil {
		return nil, r.failed("open", e.Path, err)
	}
	f := os.NewFile(uintptr(fd), path.Join(r.path, e.Path))
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil && (st.Mode&unix.S_IFMT != unix.S_IFREG || st.Ino != e.Ino ||
		uint64(st.Dev) != e.Dev) {
		err = ErrChanged
	}
	if err != nil {
		return nil, errors.Join(r.failed("open", e.Path, err), f.Close())
	}
	return f, nil
}

// Look is a file as it is now. It is ErrChanged where it is no regular file.
func (r *Root) Look(name string) (Entry, error) {
	dir, base, err := r.parent(name)
	if err != nil {
		return Entry{}, err
	}
	defer unix.Close(dir)
	e, regular, err := look(dir, base, name)
	if err == nil && !regular {
		err = ErrChanged
	}
	if err != nil {
		return Entry{}, r.failed("look at", name, err)
	}
	return e, nil
}

// Sync makes the names in a folder durable.
func (r *Root) Sync(folder string) error {
	fd, err := openBeneath(r.fd, folder, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return r.failed("open", folder, err)
	}
	defer unix.Close(fd)
	if err := unix.Fsync(fd); err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: a file system that has no such thing
		return r.failed("sync", folder, err)
	}
	return nil
}
