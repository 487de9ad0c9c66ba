package logrotation

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"path"

	"github.com/klauspost/compress/gzip"

	"ucorefs.io/maintenance/pkg/files"
)

// packed compares a generation with the compressed file of the same name, if there is one.
func (r *rotating) packed(ctx context.Context, e files.Entry) (found, same bool, err error) {
	small, err := r.disk.Look(e.Path + packedEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	plain, err := r.digest(ctx, e, false)
	if err != nil {
		return false, false, err
	}
	unpacked, err := r.digest(ctx, small, true)
	if ctx.Err() != nil {
		return false, false, context.Cause(ctx)
	}
	return true, err == nil && unpacked == plain, nil // another also if it cannot be decompressed
}

// digest is the hash of the content of a file, of a compressed one that of what was compressed.
func (r *rotating) digest(ctx context.Context, e files.Entry, compressed bool) (sum [sha256.Size]byte, err error) {
	f, err := r.disk.OpenFile(e, false)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	var from io.Reader = reader{ctx, f}
	if compressed {
		if from, err = gzip.NewReader(from); err != nil {
			return sum, err
		}
	}
	hash := sha256.New()
	_, err = io.Copy(hash, from)
	return [sha256.Size]byte(hash.Sum(nil)), err
}

// renumber renames a generation to the next name that is free, plain and compressed.
func (r *rotating) renumber(e files.Entry) (files.Entry, error) {
	_, log, v := parse(e.Path)
	for v.n++; ; v.n++ {
		name := log + "." + v.String()
		free, err := r.free(name, name+packedEnding, name+packedEnding+halfEnding)
		if err != nil {
			return e, err
		}
		if free {
			err := r.disk.Rename(e, path.Base(name))
			e.Path = name
			return e, err
		}
	}
}

// free tells whether none of the names is taken.
func (r *rotating) free(names ...string) (bool, error) {
	for _, name := range names {
		switch _, err := r.disk.Look(name); {
		case err == nil, errors.Is(err, files.ErrChanged): // ErrChanged: no regular file
			return false, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	return true, nil
}
