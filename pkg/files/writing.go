package files

import (
	"errors"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Writing tells whether a process has a file open for writing.
type Writing int

// The zero value is the careful one.
const (
	WritingUnknown Writing = iota // the file system cannot tell, or this user may not ask
	Written                       // at least one process has the file open for writing
	NotWritten                    // no process has it open for writing
)

// localSystems are the file systems, as statfs(2) numbers, that only this kernel can write to, so that it knows every
// writer, in other containers too: ext2 to ext4, XFS, Btrfs, F2FS, bcachefs, ZFS, tmpfs, overlayfs.
var localSystems = []int64{
	unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, 0xca451a4e, 0x2fc12fc1,
	unix.TMPFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC,
}

// Writing asks the kernel whether a file has writers. It takes a read lease, which fcntl(2) grants only if there are
// none, and returns it at once. Only the owner of the file, or a process with CAP_LEASE, may ask. A file that e no
// longer describes is WritingUnknown.
func (r *Root) Writing(e Entry) Writing {
	f, err := r.OpenFile(e, false)
	if err != nil {
		return WritingUnknown
	}
	defer f.Close()
	var system unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &system) != nil || !slices.Contains(localSystems, int64(system.Type)) {
		return WritingUnknown
	}
	switch _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK); {
	case errors.Is(err, unix.EAGAIN):
		return Written
	case err != nil:
		return WritingUnknown
	}
	_, _ = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK) // closing f would do it, too
	return NotWritten
}

// Born is when a file was created; the zero time if the file system does not record that.
func (r *Root) Born(e Entry) time.Time {
	dir, base, err := r.parent(e.Path)
	if err != nil {
		return time.Time{}
	}
	defer unix.Close(dir)
	var st unix.Statx_t
	err = unix.Statx(dir, base, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BTIME|unix.STATX_INO, &st)
	if err != nil || st.Mask&unix.STATX_BTIME == 0 || st.Ino != e.Ino {
		return time.Time{}
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec))
}
