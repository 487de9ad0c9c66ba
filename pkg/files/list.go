package files

import (
	"errors"
	"io/fs"
	"path"
	"sync"

	"golang.org/x/sys/unix"
)

// Library is an open library root: its folders can be listed, by several goroutines at once, and nothing in it is ever
// changed but for its marker. It is confined as a Root is, and may be any folder.
type Library struct {
	fd      int
	path    string
	buffers sync.Pool // of *[]byte, each for one read of names
}

// OpenLibrary opens a library root; what may not be read is a *NotReadableError. The path itself may lead through
// symbolic links; nothing below it may.
func OpenLibrary(folder string) (*Library, error) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, NotOpened(folder, err)
	}
	return &Library{fd: fd, path: folder}, nil
}

// Close closes the library.
func (l *Library) Close() error { return unix.Close(l.fd) }

// List gives every name in a folder to each, and whether it is, or may be, a folder; a symbolic link is none. The
// folder's name is relative to the root, which is ".".
//
// Only where there is no error was the listing complete. A folder that changed while it was read is ErrChanged: a name
// may have been passed over. A mount point is EXDEV, a symbolic link ENOTDIR, one on the way ELOOP.
func (l *Library) List(folder string, each func(name string, folder bool)) error {
	fd, err := openBeneath(l.fd, folder, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return l.failed("open", folder, err)
	}
	defer unix.Close(fd)
	if err := readable(fd); err != nil {
		return l.failed("list", folder, err)
	}
	var before, after unix.Stat_t
	if err := unix.Fstat(fd, &before); err != nil {
		return l.failed("look at", folder, err)
	}
	buffer := l.buffer()
	defer l.buffers.Put(buffer)
	if err := readNames(fd, *buffer, func(records []byte) error { return give(records, each) }); err != nil {
		return l.failed("list", folder, err)
	}
	if err := unix.Fstat(fd, &after); err != nil {
		return l.failed("look at", folder, err)
	}
	if before.Mtim != after.Mtim || before.Ctim != after.Ctim || after.Nlink == 0 {
		return l.failed("list", folder, ErrChanged)
	}
	return nil
}

func (l *Library) buffer() *[]byte {
	if b, ok := l.buffers.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, namesBuffer)
	return &b
}

// give gives each name in records to each. The names are parts of one text: to make one of each costs more.
func give(records []byte, each func(name string, folder bool)) error {
	text := string(records)
	for at := 0; at < len(records); {
		e, rest, err := nextDirent(records[at:])
		if err != nil {
			return err
		}
		if !e.isDot() {
			name := text[at+direntName:][:len(e.name)]
			each(name, e.kind == unix.DT_DIR || e.kind == unix.DT_UNKNOWN)
		}
		at = len(records) - len(rest)
	}
	return nil
}

// Exists tells whether the file system finds anything by exactly this name, relative to the root: a file, a folder, a
// symbolic link. It is not only what List says in other words: a file system may find a file by a name that no listing
// gives, in another case or another Unicode form. It is false, without an error, only where the name or a folder on
// the way does not exist; a mount point or a symbolic link on the way is an error.
func (l *Library) Exists(name string) (bool, error) {
	dir, err := openBeneath(l.fd, path.Dir(name), unix.O_PATH|unix.O_DIRECTORY)
	if err == nil {
		defer unix.Close(dir)
		var st unix.Stat_t
		err = unix.Fstatat(dir, path.Base(name), &st, unix.AT_SYMLINK_NOFOLLOW)
	}
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, unix.ENOENT):
		return false, nil
	}
	return false, l.failed("look at", name, err)
}

func (l *Library) failed(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: path.Join(l.path, name), Err: err}
}
