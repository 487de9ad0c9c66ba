package logfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logname"
)

// Rotate makes a log a generation, and a new one with the same owner and permissions in its place. base is the name of
// the generation, beside the log. It may have rotated the log and return an error, too. It is files.ErrOwner, and
// nothing was changed, if the new log cannot get the owner of the old one.
func (r Rotator) Rotate(ctx context.Context, log files.Entry, base string) (rotated bool, err error) {
	if r.CopyTruncate {
		return r.copyAndTruncate(ctx, log, base)
	}
	return r.renameAndCreate(log, base)
}

// renameAndCreate loses nothing wherever it is killed: without a new log the program's own reopening creates one. It
// creates the new log before it renames the old one, so that it changes nothing if the new log cannot get the owner
// that the program needs.
func (r Rotator) renameAndCreate(log files.Entry, generation string) (rotated bool, err error) {
	folder, base := path.Split(log.Path)
	fresh := path.Join(folder, generation+logname.TemporaryEnding)
	f, err := r.Disk.Create(fresh, log)
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = r.Disk.Rename(log, generation)
	}
	rotated = err == nil
	err = r.settle(err, fresh, base)
	if rotated && errors.Is(err, fs.ErrExist) { // the program has created one already
		err = r.Disk.Sync(path.Dir(log.Path))
	}
	return rotated, err
}

// maxCatchUps bounds how often a copy catches up with a program that writes all the time.
const maxCatchUps = 10

// copyAndTruncate truncates only what is durable in the copy, but for what a program writes faster than that can be
// made.
func (r Rotator) copyAndTruncate(ctx context.Context, log files.Entry, base string) (truncated bool, err error) {
	from, err := r.Disk.OpenFile(log, true)
	if err != nil {
		return false, err
	}
	defer from.Close()
	copied, err := r.copy(ctx, from, log, base)
	if err != nil {
		return false, err
	}
	if err = catchUp(ctx, copied, from); err == nil {
		_, err = io.Copy(copied, from)
	}
	if err == nil {
		err = from.Truncate(0)
		truncated = err == nil
	}
	return truncated, errors.Join(err, copied.Sync(), copied.Close())
}

// catchUp copies what the program has written since, until there is nothing more.
func catchUp(ctx context.Context, copied, from *os.File) error {
	for range maxCatchUps {
		n, err := io.Copy(copied, files.UntilDone(ctx, from))
		if err == nil && n > 0 {
			err = copied.Sync()
		}
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// copy copies an open log to a new generation, which takes its name when it is durable. It leaves out NUL bytes at
// the beginning: a program that does not append leaves a hole there after each truncation, and the holes would fill
// the generations.
func (r Rotator) copy(ctx context.Context, from *os.File, log files.Entry, base string) (*os.File, error) {
	folder := path.Dir(log.Path)
	name := path.Join(folder, base+logname.TemporaryEnding)
	copied, err := r.Disk.CreateCopy(name, log)
	if err != nil {
		return nil, err
	}
	_, err = files.SkipNULs(from)
	if err == nil {
		_, err = io.Copy(copied, files.UntilDone(ctx, from))
	}
	if err == nil {
		err = copied.Sync()
	}
	if err = r.settle(err, name, base); err != nil {
		return nil, errors.Join(err, copied.Close())
	}
	return copied, nil
}
