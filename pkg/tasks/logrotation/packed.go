package logrotation

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"path"

	"ucorefs.io/maintenance/pkg/files"
)

// twin is what the compressed file of a plain generation holds.
type twin int

const (
	none  twin = iota // there is no such file
	same              // the content of the plain generation
	other             // something else
)

// packed compares a generation with the compressed file of the same name.
func (r *rotating) packed(ctx context.Context, e files.Entry) (twin, error) {
	small, err := r.disk.Look(e.Path + packedEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	plain, err := r.digest(e, func(f io.Reader) (io.Reader, error) { return reader{ctx, f}, nil })
	if err != nil {
		return none, err
	}
	unpacked, err := r.digest(small, func(f io.Reader) (io.Reader, error) { return gzip.NewReader(reader{ctx, f}) })
	switch {
	case ctx.Err() != nil:
		return none, context.Cause(ctx)
	case err == nil && unpacked == plain:
		return same, nil
	default: // also if it cannot be decompressed
		return other, nil
	}
}

// decoder opens a stream of decoded bytes.
type decoder func(io.Reader) (io.Reader, error)

// digest is the hash of the content of a file, read through a decoder.
func (r *rotating) digest(e files.Entry, through decoder) (sum [sha256.Size]byte, err error) {
	f, err := r.disk.OpenFile(e, false)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	from, err := through(f)
	if err != nil {
		return sum, err
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
