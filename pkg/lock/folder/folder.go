// Package folder locks the folders that a file task works on, so that two runs never clean one volume at the same time,
// in whatever pods they are. A task that works on the database has that lock and needs none of these.
//
// It takes flock(2) on the open folder itself: nothing is written, and the kernel gives the lock back when the process
// ends, however it ends. It never waits. A lock holds between processes of one machine, and on a network file system
// only where that passes locks on.
package folder

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// HeldError says that another run works on a folder.
type HeldError struct {
	Folder  string
	Process string // who holds it, such as "process 4711 (maint-job)"; empty where that cannot be found out
}

func (e *HeldError) Error() string {
	by := "another run"
	if e.Process != "" {
		by += ", " + e.Process + ","
	}
	return fmt.Sprintf("%s works on the folder %s: it is free when that ends", by, e.Folder)
}

// Locks are held until Release.
type Locks struct {
	open []*os.File
	// Unlockable are the folders on file systems that know no locks.
	Unlockable []string
}

// Lock takes the locks of all folders, or none and answers *HeldError. A folder that does not exist, or cannot be
// opened, needs no lock: the task will say so itself. One that is named twice is locked once.
func Lock(folders []string) (*Locks, error) {
	l := &Locks{}
	seen := map[[2]uint64]bool{}
	for _, name := range slices.Sorted(slices.Values(folders)) { // in one order, so that of two runs one gets all
		f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		l.open = append(l.open, f)
		if err := l.take(f, seen); err != nil {
			l.Release()
			return nil, err
		}
	}
	return l, nil
}

func (l *Locks) take(f *os.File, seen map[[2]uint64]bool) error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		return fmt.Errorf("lock the folder %s: %w", f.Name(), err)
	}
	inode := [2]uint64{stat.Dev, stat.Ino}
	if seen[inode] {
		return nil
	}
	seen[inode] = true
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case err == nil:
		return nil
	case errors.Is(err, unix.EWOULDBLOCK):
		return &HeldError{Folder: f.Name(), Process: holder(stat)}
	case errors.Is(err, unix.EBADF), errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EOPNOTSUPP),
		errors.Is(err, unix.ENOSYS):
		l.Unlockable = append(l.Unlockable, f.Name()) // NFS, for one, locks no folder
		return nil
	default:
		return fmt.Errorf("lock the folder %s: %w", f.Name(), err)
	}
}

// Release gives all locks back.
func (l *Locks) Release() {
	for _, f := range l.open {
		_ = f.Close() // which also unlocks
	}
	l.open = nil
}
