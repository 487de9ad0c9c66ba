// Package files is confined file access: everything happens below a Root, a folder that is opened once and never
// named again.
//
// Whatever is swapped underneath while a run is under way, nothing outside the root is read, renamed or deleted: each
// access resolves from the open root with openat2, which follows no symbolic link, crosses no mount point and accepts
// no "..". Only regular files are seen. A file that is not what it was when it was seen is left alone.
//
// What this cannot promise: between the last look at a file and its removal lie a few microseconds in which a program
// may put another file under that name; that one, in the same folder, is removed then. Linux has no call that removes
// a file only if it is a certain one. Likewise a folder that is moved out of the root in these microseconds loses the
// one file that Clean is about to remove, and one that is moved within the root, or that another is mounted on, up to
// 31 files more for each worker, all of which were seen in it and go by the rule.
//
// It needs Linux 5.6 or later, and no database.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// ErrChanged is the error for a file that is not what it was when it was seen: it was left alone.
var ErrChanged = errors.New("the file has changed since it was seen")

// ErrNoOpenat2 is the error of a kernel or sandbox that cannot confine file access.
var ErrNoOpenat2 = errors.New("this kernel or sandbox has no openat2: file tasks need Linux 5.6 or later, and a " +
	"seccomp profile that allows openat2, " +
	"such as RuntimeDefault of a current container runtime")

// Root is an open folder.
type Root struct {
	Workers int // of a walk; 0 stands for the usual number

	fd    int
	path  string
	place place
}

// Entry is a regular file below a root, as it was seen.
type Entry struct {
	Path     string // relative to the root, slash-separated
	Size     int64  // bytes
	Modified time.Time
	Accessed time.Time // never later than the last use; file systems update it lazily, or not at all
	Changed  time.Time // when its content, its name or its owner last changed; nobody can set it
	Dev, Ino uint64
	Mode     fs.FileMode // permissions only
	UID, GID uint32
}

// Exists tells whether there is something at a path, be it readable or not.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Open opens a folder as a root. It refuses an unsafe one with an *UnsafeFolderError, and what may not be read with a
// *NotReadableError; libraries are the folders that
// hold library files; a folder with a library marker counts as one, too. The folder is judged by where it really is,
// whatever symbolic links its name leads through.
func Open(folder string, libraries []string) (*Root, error) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, NotOpened(folder, err)
	}
	r := &Root{fd: fd}
	if r.path, err = os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)); err == nil {
		r.place = placeOf(fd)
		err = r.check(libraries)
	}
	if err == nil {
		err = r.probe()
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// probe finds out at once whether access can be confined.
func (r *Root) probe() error {
	fd, err := openBeneath(r.fd, ".", unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return &fs.PathError{Op: "open", Path: r.path, Err: err}
	}
	return unix.Close(fd)
}

// Close closes the root.
func (r *Root) Close() error { return unix.Close(r.fd) }

// Path is where the folder was when it was opened, for a person.
func (r *Root) Path() string { return r.path }

// openBeneath opens name below the folder dir. A mount point on the way is EXDEV, a symbolic link ELOOP.
func openBeneath(dir int, name string, flags uint64) (int, error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS,
	}
	for {
		fd, err := unix.Openat2(dir, name, &how)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN): // a rename elsewhere got in the way
			continue
		case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM) && flags&(unix.O_WRONLY|unix.O_RDWR) == 0:
			return -1, ErrNoOpenat2 // a file system answers EPERM only to writers
		}
		return fd, err
	}
}

// parent opens the folder of name and gives name's last part. The caller closes the folder.
func (r *Root) parent(name string) (dir int, base string, err error) {
	dir, err = openBeneath(r.fd, path.Dir(name), unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return -1, "", r.failed("open", path.Dir(name), err)
	}
	return dir, path.Base(name), nil
}

func (r *Root) failed(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: path.Join(r.path, name), Err: err}
}

// look is the file called base in the folder dir; false where it is no regular file.
func look(dir int, base, name string) (Entry, bool, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return Entry{}, false, err
	}
	return entryOf(st, name), st.Mode&unix.S_IFMT == unix.S_IFREG, nil
}

func entryOf(st unix.Stat_t, name string) Entry {
	return Entry{
		Path: name, Size: st.Size, Dev: uint64(st.Dev), Ino: st.Ino,
		Modified: time.Unix(st.Mtim.Unix()), Accessed: time.Unix(st.Atim.Unix()), Changed: time.Unix(st.Ctim.Unix()),
		Mode: fs.FileMode(st.Mode & 0o777), UID: st.Uid, GID: st.Gid,
	}
}

// Same tells whether two looks saw the same file, whatever was written to it between.
func (e Entry) Same(o Entry) bool { return e.Dev == o.Dev && e.Ino == o.Ino }

// unchanged tells whether two looks saw the same file in the same state.
func unchanged(e, o Entry) bool {
	return e.Same(o) && e.Size == o.Size && e.Modified.Equal(o.Modified)
}
