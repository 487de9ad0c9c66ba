package faiss

import (
	"errors"
	"fmt"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// Nameless makes a file with O_TMPFILE, which ext4, XFS, Btrfs, tmpfs and overlayfs have, and NFS has not.
// https://man7.org/linux/man-pages/man2/open.2.html
func (d rooted) Nameless() (handle, error) {
	folder, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	fd, err := unix.Openat(int(folder.Fd()), ".", unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create a file without a name: %w", err)
	}
	return os.NewFile(uintptr(fd), "a file without a name"), nil
}

// Name links the file by its name in /proc, which needs no capability.
func (d rooted) Name(h handle, name string) error {
	file, ok := h.(*os.File)
	if !ok {
		return errors.New("give a file a name: it is none of this disk")
	}
	folder, err := d.root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	defer folder.Close()
	from := fmt.Sprintf("/proc/self/fd/%d", file.Fd())
	return unix.Linkat(unix.AT_FDCWD, from, int(folder.Fd()), path.Base(name), unix.AT_SYMLINK_FOLLOW)
}
