package faiss

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// Build is a new generation on its way: it is written under a temporary name, and Publish makes it the present one. Whatever
// goes wrong before, the present generation stays what it was.
type Build struct {
	disk    disk
	place   place
	lock    io.Closer
	file    handle
	writer  *Writer
	ids     []ObjectID
	content Content
	sample  sample
}

// Build begins a generation for vectors of one dimension. The caller ends it with Close. It fails where another process is
// writing the same provider's index.
func (f *Folder) Build(provider string, dimension int) (*Build, error) {
	if !IsProvider(provider) {
		return nil, fmt.Errorf("write an index for the provider %q: it cannot be a file's name", provider)
	}
	b := &Build{disk: f.disk, place: place(provider)}
	if err := b.begin(dimension); err != nil {
		return nil, errors.Join(fmt.Errorf("begin an index of %s: %w", provider, err), b.Close())
	}
	return b, nil
}

func (b *Build) begin(dimension int) (err error) {
	if err := b.disk.Mkdir(b.place.generations()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if b.lock, err = b.disk.Lock(b.place.generations()); err != nil {
		return err
	}
	if err := b.sweep(); err != nil {
		return err
	}
	if err := b.disk.Mkdir(b.place.temporary()); err != nil {
		return err
	}
	if b.file, err = b.disk.Create(b.place.index(temporaryName)); err != nil {
		return err
	}
	b.writer, err = NewWriter(b.file, dimension)
	return err
}

// Add appends one normalised vector.
func (b *Build) Add(id ObjectID, unit []float32) error {
	if err := b.writer.Add(unit); err != nil {
		return err
	}
	b.sample.offer(int64(len(b.ids)), unit)
	b.ids = append(b.ids, id)
	b.content.Add(id, unit)
	return nil
}

// Count is how many vectors were added.
func (b *Build) Count() int64 { return int64(len(b.ids)) }

// Close gives up what was not published and ends the Build. After Publish it only ends it.
func (b *Build) Close() error {
	var errs []error
	if b.file != nil {
		errs = append(errs, b.file.Close())
	}
	if b.lock != nil {
		errs = append(errs, b.sweep(), b.lock.Close())
	}
	b.file, b.lock = nil, nil
	return errors.Join(errs...)
}

// sweep removes what a Build leaves that was not published: this one or one that was killed.
func (b *Build) sweep() error {
	return errors.Join(remove(b.disk, b.place.temporary()), remove(b.disk, b.place.incoming()))
}

// remove removes a file, a link, or a folder with the files in it. It is no error where there is none.
func remove(d disk, name string) error {
	info, err := d.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		names, err := d.Names(name)
		if err != nil {
			return err
		}
		for _, inner := range names {
			if err := d.Remove(path.Join(name, inner)); err != nil {
				return err
			}
		}
	}
	return d.Remove(name)
}
