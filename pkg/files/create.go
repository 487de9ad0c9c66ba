package files

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// ErrOwner is the error for a file that this user cannot create with the required owner, group, permissions or access
// control lists.
var ErrOwner = errors.New("this user cannot create a file with the required owner, group, permissions or access " +
	"control lists")

// Create creates an empty file, open for writing, with the owner, group, permissions and access control lists of like,
// of whatever kind, so that every writer of like can write it. If this user cannot keep them all, it creates nothing
// and returns ErrOwner. It returns fs.ErrExist if the name is taken.
func (r *Root) Create(name string, like Entry) (*os.File, error) {
	lists, err := r.accessLists(like)
	if err != nil {
		return nil, err
	}
	return r.create(name, func(fd int) error {
		_ = unix.Fchown(fd, int(like.UID), int(like.GID)) // the check below is what counts
		_ = unix.Fchmod(fd, uint32(like.Mode))
		if err := keepAccessLists(fd, lists); err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return err
		}
		made := entryOf(st, name)
		if made.UID != like.UID || made.GID != like.GID || made.Mode != like.Mode {
			return ErrOwner
		}
		return nil
	})
}

// CreateCopy creates an empty file, open for writing, for a copy of like. It keeps owner, group and permissions as
// far as this user may: a file whose owner cannot be kept belongs to this user, and one whose group or access control
// lists cannot be kept has no group permissions. It returns fs.ErrExist if the name is taken.
func (r *Root) CreateCopy(name string, like Entry) (*os.File, error) {
	lists, listErr := r.accessLists(like)
	return r.create(name, func(fd int) error {
		mode := like.Mode
		foreign := unix.Fchown(fd, int(like.UID), int(like.GID)) != nil && unix.Fchown(fd, -1, int(like.GID)) != nil
		if foreign || listErr != nil || len(lists) > 0 { // with a list, they are its mask and not the group's
			mode &^= groupBits
		}
		_ = unix.Fchmod(fd, uint32(mode)) // if this fails, the file stays private
		if !foreign && listErr == nil && keepAccessLists(fd, lists) != nil {
			_ = unix.Fchmod(fd, uint32(mode&^groupBits)) // likewise
		}
		return nil
	})
}

// groupBits are the group permissions.
const groupBits fs.FileMode = 0o070

// create creates a private file and calls dress, which sets owner and permissions. If dress fails, the file is removed.
func (r *Root) create(name string, dress func(fd int) error) (*os.File, error) {
	dir, base, err := r.parent(name)
	if err != nil {
		return nil, err
	}
	defer unix.Close(dir)
	fd, err := unix.Openat(dir, base, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, r.failed("create", name, err)
	}
	if err := dress(fd); err != nil {
		return nil, errors.Join(r.failed("create", name, err), unix.Close(fd), unix.Unlinkat(dir, base, 0))
	}
	return os.NewFile(uintptr(fd), path.Join(r.path, name)), nil
}
