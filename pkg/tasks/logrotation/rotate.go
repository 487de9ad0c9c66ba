package logrotation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logname"
)

// rotate rotates a log. It may have rotated it and return an error, too.
func (r *rotating) rotate(ctx context.Context, to rotation) (rotated bool, err error) {
	if r.copyTruncate {
		return r.copyAndTruncate(ctx, to)
	}
	return r.renameAndCreate(to)
}

// renameAndCreate loses nothing wherever it is killed: without a new log the program's own reopening creates one. It
// creates the new log before it renames the old one, so that it changes nothing if the new log cannot get the owner
// that the program needs.
func (r *rotating) renameAndCreate(to rotation) (rotated bool, err error) {
	folder, base := path.Split(to.log.Path)
	fresh := path.Join(folder, to.base+logname.TemporaryEnding)
	f, err := r.disk.Create(fresh, to.log)
	if errors.Is(err, files.ErrOwner) {
		return false, fmt.Errorf("%s was not rotated, since its program could not write a new log of this user: "+
			"run log-rotation as user %d and group %d, or use --log-copy-truncate: %w",
			to.log.Path, to.log.UID, to.log.GID, err)
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = r.disk.Rename(to.log, to.base)
	}
	rotated = err == nil
	err = r.settle(err, fresh, base)
	if rotated && errors.Is(err, fs.ErrExist) { // the program has created one already
		err = r.disk.Sync(path.Dir(to.log.Path))
	}
	return rotated, err
}

// maxCatchUps bounds how often a copy catches up with a program that writes all the time.
const maxCatchUps = 10

// copyAndTruncate truncates only what is durable in the copy, but for what a program writes faster than that can be
// made.
func (r *rotating) copyAndTruncate(ctx context.Context, to rotation) (truncated bool, err error) {
	from, err := r.disk.OpenFile(to.log, true)
	if err != nil {
		return false, err
	}
	defer from.Close()
	copied, err := r.copy(ctx, from, to)
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
func (r *rotating) copy(ctx context.Context, from *os.File, to rotation) (*os.File, error) {
	folder := path.Dir(to.log.Path)
	name := path.Join(folder, to.base+logname.TemporaryEnding)
	copied, err := r.disk.CreateCopy(name, to.log)
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
	if err = r.settle(err, name, to.base); err != nil {
		return nil, errors.Join(err, copied.Close())
	}
	return copied, nil
}

// settle gives a finished temporary file its name, for good. Where err or another error keeps it from that, it removes
// the file.
func (r *rotating) settle(err error, name, base string) error {
	var e files.Entry
	if err == nil {
		e, err = r.disk.Look(name)
	}
	if err == nil {
		err = r.disk.Rename(e, base)
	}
	if err != nil {
		return errors.Join(err, r.drop(name))
	}
	return r.disk.Sync(path.Dir(name))
}

// drop removes a temporary file that came to nothing.
func (r *rotating) drop(name string) error {
	e, err := r.disk.Look(name)
	if err == nil {
		err = r.disk.Delete(e)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
