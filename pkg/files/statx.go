package files

import (
	"errors"
	"io/fs"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wanted is what an Entry is made of.
const wanted = unix.STATX_TYPE | unix.STATX_MODE | unix.STATX_UID | unix.STATX_GID | unix.STATX_INO | unix.STATX_SIZE |
	unix.STATX_ATIME | unix.STATX_MTIME | unix.STATX_CTIME

// statx looks at a name in the folder dir, as unix.Statx does, without a copy of the name: a NUL has to follow it.
func statx(dir int, name []byte, st *unix.Statx_t) error {
	for {
		_, _, errno := unix.Syscall6(unix.SYS_STATX, uintptr(dir), uintptr(unsafe.Pointer(unsafe.SliceData(name))),
			unix.AT_SYMLINK_NOFOLLOW, wanted, uintptr(unsafe.Pointer(st)), 0)
		switch {
		case errno == 0:
			return nil
		case !errors.Is(errno, unix.EINTR):
			return errno
		}
	}
}

// inode tells a file of a file system from all others.
type inode struct {
	major, minor uint32
	number       uint64
}

// placeAbove is what a way up leads to from an open folder. The way has a NUL at its end.
func placeAbove(dir int, way []byte, st *unix.Statx_t) (inode, error) {
	if err := statx(dir, way, st); err != nil {
		return inode{}, err
	}
	return inode{st.Dev_major, st.Dev_minor, st.Ino}, nil
}

// unlink removes a name in the folder dir. A NUL has to follow the name.
func unlink(dir int, name []byte) error {
	_, _, errno := unix.Syscall(unix.SYS_UNLINKAT, uintptr(dir), uintptr(unsafe.Pointer(unsafe.SliceData(name))), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// entryOfStatx is entryOf for the other system call.
func entryOfStatx(st *unix.Statx_t, name string) Entry {
	return Entry{
		Path: name, Size: int64(st.Size), Dev: unix.Mkdev(st.Dev_major, st.Dev_minor), Ino: st.Ino,
		Modified: timeOf(st.Mtime), Accessed: timeOf(st.Atime), Changed: timeOf(st.Ctime),
		Mode: fs.FileMode(st.Mode & 0o777), UID: st.Uid, GID: st.Gid,
	}
}

func timeOf(t unix.StatxTimestamp) time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }
