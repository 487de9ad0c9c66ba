package logrotation

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"ucorefs.io/maintenance/pkg/files"
)

// compress puts a compressed file in the place of a plain generation and says how many bytes that saves. A compressed file that is there
// already is of a run that was killed before it could delete the plain one; it is made again.
func (r *rotating) compress(ctx context.Context, e files.Entry) (saved int64, err error) {
	name := e.Path + packedEnding
	if err := r.pack(ctx, e, name+halfEnding); err != nil {
		return 0, errors.Join(err, r.drop(name+halfEnding))
	}
	if err := r.settle(name+halfEnding, path.Base(name), r.disk.Replace); err != nil {
		return 0, err
	}
	small, err := r.disk.Look(name)
	if err == nil {
		err = r.disk.Delete(e) // only if it is what was compressed
	}
	return e.Size - small.Size, err
}

// pack compresses a generation into a new file and makes that durable. It is files.ErrChanged where the generation is still written.
func (r *rotating) pack(ctx context.Context, e files.Entry, name string) error {
	from, err := r.disk.OpenFile(e, false)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := r.disk.Create(name, e)
	if err != nil {
		return err
	}
	return errors.Join(squeeze(ctx, from, to, e), to.Close())
}

func squeeze(ctx context.Context, from, to *os.File, e files.Entry) error {
	z := gzip.NewWriter(to)
	z.ModTime = e.Modified
	n, err := io.Copy(z, reader{ctx, from})
	if err == nil {
		err = z.Close()
	}
	if err == nil && n != e.Size {
		err = &fs.PathError{Op: "compress", Path: e.Path, Err: files.ErrChanged}
	}
	if err == nil {
		err = to.Sync()
	}
	return err
}
