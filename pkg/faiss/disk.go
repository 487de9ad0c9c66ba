package faiss

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// disk is every file operation that this package does. All names are relative to the index folder, and none leads out
// of it. It is an interface so that tests can make any one of them fail, or be the last.
type disk interface {
	Mkdir(name string) error
	Create(name string) (handle, error) // fails where there is one
	Open(name string) (handle, error)   // for reading
	Nameless() (handle, error)          // a file that goes when it is closed, unless it is given a name
	Name(h handle, name string) error   // gives a nameless file its name
	Names(folder string) ([]string, error)
	Rename(from, to string) error
	Link(from, to string) error
	Symlink(target, name string) error
	Readlink(name string) (string, error)
	Lstat(name string) (fs.FileInfo, error)
	Remove(name string) error // a file, a link or an empty folder
	Sync(folder string) error // makes the names in it durable
	IsMount(folder string) (bool, error)
	Lock(folder string) (io.Closer, error)
	Close() error
}

// handle is an open file.
type handle interface {
	io.ReadWriteCloser
	io.ReaderAt
	io.WriterAt
	Sync() error
	Stat() (fs.FileInfo, error)
}

// errLocked says that another process writes the same index.
var errLocked = errors.New("another run is writing this index")

// rooted is a disk below an os.Root.
type rooted struct{ root *os.Root }

func openRooted(path string) (rooted, error) {
	root, err := os.OpenRoot(path)
	return rooted{root}, err
}

func (d rooted) Mkdir(name string) error                { return d.root.Mkdir(name, 0o755) }
func (d rooted) Rename(from, to string) error           { return d.root.Rename(from, to) }
func (d rooted) Link(from, to string) error             { return d.root.Link(from, to) }
func (d rooted) Symlink(target, name string) error      { return d.root.Symlink(target, name) }
func (d rooted) Readlink(name string) (string, error)   { return d.root.Readlink(name) }
func (d rooted) Lstat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }
func (d rooted) Remove(name string) error               { return d.root.Remove(name) }
func (d rooted) Close() error                           { return d.root.Close() }

func (d rooted) Create(name string) (handle, error) {
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

func (d rooted) Open(name string) (handle, error) { return d.root.Open(name) }

func (d rooted) Names(folder string) ([]string, error) {
	f, err := d.root.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func (d rooted) Sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: a file system that has no such thing
		return err
	}
	return nil
}

// IsMount tells whether something is mounted at a folder. A kernel that does not know mounts by number compares file
// systems.
func (d rooted) IsMount(folder string) (bool, error) {
	here, err := d.mount(folder)
	if err != nil {
		return false, err
	}
	above, err := d.mount(path.Dir(folder))
	return here != above, err
}

// mount is what tells one mount from another.
func (d rooted) mount(folder string) (id [3]uint64, err error) {
	f, err := d.root.Open(folder)
	if err != nil {
		return id, err
	}
	defer f.Close()
	var st unix.Statx_t
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &st); err != nil {
		return id, fmt.Errorf("look for a mount at %s: %w", folder, err)
	}
	if st.Mask&unix.STATX_MNT_ID != 0 {
		id[0] = st.Mnt_id
	}
	id[1], id[2] = uint64(st.Dev_major), uint64(st.Dev_minor)
	return id, nil
}

// Lock holds a folder alone until the Closer is closed or the process ends. A file system without locks, such as some
// network ones, locks nothing.
func (d rooted) Lock(folder string) (io.Closer, error) {
	f, err := d.root.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", folder, errLocked), f.Close())
	}
	return f, nil
}
