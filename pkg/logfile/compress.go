package logfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logname"
)

// Compress replaces a plain generation by a compressed file, and returns how many bytes that saves. If a compressed
// file of that generation is there and holds the same, an earlier run was killed before it could delete the plain one.
// If it holds something else, both are kept.
func (r Rotator) Compress(ctx context.Context, e files.Entry) (saved int64, err error) {
	if r.Disk.Writing(e) == files.Written {
		return 0, &fs.PathError{Op: "compress", Path: e.Path, Err: ErrWritten}
	}
	found, same, err := r.packed(ctx, e)
	switch {
	case err != nil:
		return 0, err
	case same:
		return e.Size, r.Disk.Delete(e)
	case found:
		if e, err = r.renumber(e); err != nil {
			return 0, err
		}
	}
	return r.replace(ctx, e)
}

// replace compresses a generation whose compressed name is free.
func (r Rotator) replace(ctx context.Context, e files.Entry) (saved int64, err error) {
	name := e.Path + r.Ending
	if err := r.settle(r.pack(ctx, e, name+logname.TemporaryEnding), name+logname.TemporaryEnding,
		path.Base(name)); err != nil {
		return 0, err
	}
	small, err := r.Disk.Look(name)
	if err == nil {
		err = r.Disk.Delete(e) // only if it is what was compressed
	}
	return e.Size - small.Size, err
}

// pack compresses a generation into a new file and makes that durable. It is files.ErrChanged where the generation is
// still written.
func (r Rotator) pack(ctx context.Context, e files.Entry, name string) error {
	from, err := r.Disk.OpenFile(e, false)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := r.Disk.CreateCopy(name, e)
	if err != nil {
		return err
	}
	return errors.Join(r.squeeze(ctx, from, to, e), to.Close())
}

func (r Rotator) squeeze(ctx context.Context, from, to *os.File, e files.Entry) error {
	z, err := newPacker(to, r.Ending, e.Modified)
	if err != nil {
		return err
	}
	n, err := io.Copy(z, files.UntilDone(ctx, from))
	if ended := z.Close(); err == nil {
		err = ended
	}
	if err == nil && n != e.Size {
		err = &fs.PathError{Op: "compress", Path: e.Path, Err: files.ErrChanged}
	}
	if err == nil {
		written := unix.NsecToTimeval(e.Modified.UnixNano())
		_ = unix.Futimes(int(to.Fd()), []unix.Timeval{written, written}) // best effort: only the owner may
		err = to.Sync()
	}
	return err
}
