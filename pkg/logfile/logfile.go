// Package logfile rotates, compresses and deletes single log files. A file that a program has opened for writing, as
// far as the Disk knows, is neither compressed nor deleted.
//
// Rotation creates a new, empty log with the owner and the permissions of the old one, renames the old one, and gives
// the new one its name. If this user cannot create a file with that owner, the log is not rotated: a log that its
// program cannot write is worse than a large one. Until a program reopens its log by name it writes into the newest
// generation; no line is lost or doubled. With CopyTruncate, for programs that never reopen, the log is copied and then
// truncated: lines written between the last reading and the truncation are lost, and a run that is killed between copy
// and truncation leaves lines twice. NUL bytes at the beginning of a log, which remain if its program does not append,
// are not copied.
//
// A compressed generation is written to a temporary file (.tmp), synced, renamed, and only then replaces the plain
// one. A compressed file with other content is never replaced. A run that is killed anywhere leaves every line in some
// file.
//
// It must not choose files: what is rotated, compressed or deleted is the caller's decision.
package logfile

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"ucorefs.io/maintenance/pkg/files"
)

// Disk is what changing logs needs of a *files.Root.
type Disk interface {
	Look(name string) (files.Entry, error)
	Rename(e files.Entry, base string) error
	Create(name string, like files.Entry) (*os.File, error)
	CreateCopy(name string, like files.Entry) (*os.File, error)
	OpenFile(e files.Entry, write bool) (*os.File, error)
	Delete(e files.Entry) error
	Writing(e files.Entry) files.Writing
	Sync(folder string) error
}

// Rotator changes the log files on a Disk.
type Rotator struct {
	Disk         Disk
	CopyTruncate bool   // Rotate copies a log and truncates it
	Ending       string // of the compressed files that it makes; one of Endings
}

// ErrWritten is the error for a file that was to be deleted or compressed.
var ErrWritten = errors.New("a program has opened the file for writing")

// Delete deletes a file. One that is gone already is no error.
func (r Rotator) Delete(e files.Entry) (deleted bool, err error) {
	if r.Disk.Writing(e) == files.Written {
		return false, &fs.PathError{Op: "delete", Path: e.Path, Err: ErrWritten}
	}
	err = r.Disk.Delete(e)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// settle gives a finished temporary file its name, for good. Where err or another error keeps it from that, it removes
// the file.
func (r Rotator) settle(err error, name, base string) error {
	var e files.Entry
	if err == nil {
		e, err = r.Disk.Look(name)
	}
	if err == nil {
		err = r.Disk.Rename(e, base)
	}
	if err != nil {
		return errors.Join(err, r.drop(name))
	}
	return r.Disk.Sync(path.Dir(name))
}

// drop removes a temporary file that came to nothing.
func (r Rotator) drop(name string) error {
	e, err := r.Disk.Look(name)
	if err == nil {
		err = r.Disk.Delete(e)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
