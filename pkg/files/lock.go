package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// LockName is the file in a root that shows that a run works there. A walk does not visit it.
const LockName = ".maint-job.lock"

// LockedError says who works in the folder.
type LockedError struct{ Folder, By string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is worked on by %s; it is free when that ends", e.Folder, e.By)
}

// Lock keeps every other run out of the folder until release, or until this process ends however it ends: the system then lets go.
// By says who this is, for whoever finds it locked; they get a *LockedError.
func (r *Root) Lock(by string) (release func() error, err error) {
	for {
		f, err := r.openLock()
		if err != nil {
			return nil, err
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EWOULDBLOCK):
			holder, _ := io.ReadAll(io.LimitReader(f, 256))
			return nil, errors.Join(&LockedError{Folder: r.path, By: strings.ToValidUTF8(string(holder), "")}, f.Close())
		case err != nil:
			return nil, errors.Join(r.failed("lock", LockName, err), f.Close())
		case !r.isAt(f, LockName): // its holder removed it after it was opened here
			_ = f.Close()
			continue
		}
		if err := errors.Join(f.Truncate(0), write(f, by)); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return func() error {
			return errors.Join(unix.Unlinkat(r.fd, LockName, 0), f.Close())
		}, nil
	}
}

func (r *Root) openLock() (*os.File, error) {
	fd, err := unix.Openat(r.fd, LockName, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, r.failed("open", LockName, err)
	}
	f := os.NewFile(uintptr(fd), path.Join(r.path, LockName))
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(r.failed("open", LockName, fs.ErrInvalid), f.Close())
	}
	return f, nil
}

// isAt tells whether a name in the root is this very file.
func (r *Root) isAt(f *os.File, name string) bool {
	var open, named unix.Stat_t
	return unix.Fstat(int(f.Fd()), &open) == nil && unix.Fstatat(r.fd, name, &named, unix.AT_SYMLINK_NOFOLLOW) == nil &&
		open.Dev == named.Dev && open.Ino == named.Ino
}

func write(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return err
}
