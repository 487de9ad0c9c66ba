package logrotation

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"ucorefs.io/maintenance/pkg/files"
)

func (r *rotating) rotate(ctx context.Context, to rotation) error {
	if r.copyTruncate {
		return r.copyAndTruncate(ctx, to)
	}
	return r.renameAndCreate(to)
}

// renameAndCreate loses nothing wherever it is killed: without a new log the program's own reopening creates one.
func (r *rotating) renameAndCreate(to rotation) error {
	if err := r.disk.Rename(to.log, to.base); err != nil {
		return err
	}
	f, err := r.disk.Create(to.log.Path, to.log)
	switch {
	case errors.Is(err, fs.ErrExist): // its program was faster
	case err != nil:
		return err
	default:
		if err := f.Close(); err != nil {
			return err
		}
	}
	return r.disk.Sync(path.Dir(to.log.Path))
}

// maxCatchUps bounds how often a copy catches up with a program that writes all the time.
const maxCatchUps = 10

// copyAndTruncate truncates only what is durable in the copy, but for what a program writes faster than that can be made.
func (r *rotating) copyAndTruncate(ctx context.Context, to rotation) error {
	from, err := r.disk.OpenFile(to.log, true)
	if err != nil {
		return err
	}
	defer from.Close()
	copied, err := r.copy(ctx, from, to)
	if err != nil {
		return err
	}
	for range maxCatchUps {
		n, err := io.Copy(copied, reader{ctx, from})
		if err == nil && n > 0 {
			err = copied.Sync()
		}
		if err != nil {
			return errors.Join(err, copied.Close())
		}
		if n == 0 {
			break
		}
	}
	_, err = io.Copy(copied, from)
	if err == nil {
		err = from.Truncate(0)
	}
	return errors.Join(err, copied.Sync(), copied.Close())
}

// copy copies an open log to a new generation, which takes its name when it is durable.
func (r *rotating) copy(ctx context.Context, from *os.File, to rotation) (*os.File, error) {
	folder := path.Dir(to.log.Path)
	name := path.Join(folder, to.base+halfEnding)
	copied, err := r.disk.Create(name, to.log)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(copied, reader{ctx, from})
	if err == nil {
		err = copied.Sync()
	}
	if err == nil {
		err = r.settle(name, to.base, r.disk.Rename)
	}
	if err != nil {
		return nil, errors.Join(err, copied.Close(), r.drop(name))
	}
	return copied, nil
}

// settle gives a finished temporary file its name, for good.
func (r *rotating) settle(name, base string, rename func(files.Entry, string) error) error {
	e, err := r.disk.Look(name)
	if err == nil {
		err = rename(e, base)
	}
	if err == nil {
		err = r.disk.Sync(path.Dir(name))
	}
	return err
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

// reader reads until its context ends.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.from.Read(b)
}
