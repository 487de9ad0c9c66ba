package logfile

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"path"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logname"
)

// packed compares a generation with the compressed files of the same name, if there are any: found is whether there is
// one, and same whether one holds the same.
func (r Rotator) packed(ctx context.Context, e files.Entry) (found, same bool, err error) {
	for _, ending := range Endings {
		small, err := r.Disk.Look(e.Path + ending)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return false, false, err
		}
		if same, err := r.holdsTheSame(ctx, e, small); same || err != nil {
			return true, same, err
		}
		found = true
	}
	return found, false, nil
}

// holdsTheSame tells whether a compressed file holds a generation. One that cannot be decompressed does not.
func (r Rotator) holdsTheSame(ctx context.Context, e, small files.Entry) (bool, error) {
	plain, err := r.digest(ctx, e, false)
	if err != nil {
		return false, err
	}
	unpacked, err := r.digest(ctx, small, true)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return err == nil && unpacked == plain, nil
}

// digest is the hash of the content of a file, of a compressed one that of what was compressed.
func (r Rotator) digest(ctx context.Context, e files.Entry, compressed bool) (sum [sha256.Size]byte, err error) {
	f, err := r.Disk.OpenFile(e, false)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	from := files.UntilDone(ctx, f)
	if compressed {
		z, err := newUnpacker(from, e.Path)
		if err != nil {
			return sum, err
		}
		defer z.Close()
		from = z
	}
	hash := sha256.New()
	_, err = io.Copy(hash, from)
	return [sha256.Size]byte(hash.Sum(nil)), err
}

// renumber renames a generation to the next name that is free, plain and compressed.
func (r Rotator) renumber(e files.Entry) (files.Entry, error) {
	_, log, v := logname.Parse(e.Path)
	for v.N++; ; v.N++ {
		name := log + "." + v.String()
		names := []string{name}
		for _, ending := range Endings {
			names = append(names, name+ending, name+ending+logname.TemporaryEnding)
		}
		free, err := r.free(names...)
		if err != nil {
			return e, err
		}
		if free {
			err := r.Disk.Rename(e, path.Base(name))
			e.Path = name
			return e, err
		}
	}
}

// free tells whether none of the names is taken.
func (r Rotator) free(names ...string) (bool, error) {
	for _, name := range names {
		switch _, err := r.Disk.Look(name); {
		case err == nil, errors.Is(err, files.ErrChanged): // ErrChanged: no regular file
			return false, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	return true, nil
}
