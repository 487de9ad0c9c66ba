package faiss

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
)

// Build is a new generation on its way: it is written under a temporary name, and Publish makes it the present one.
// Whatever goes wrong before, the present generation stays what it was.
type Build struct {
	body
	disk  disk
	place place
	lock  io.Closer
}

// Build begins a generation for vectors of one dimension. The caller ends it with Close. It fails where another process
// is writing the same provider's index.
func (f *Folder) Build(provider string, dimension int) (*Build, error) {
	return f.build(provider, func(b *Build) error {
		h, err := b.disk.Create(b.place.index(temporaryName))
		if err != nil {
			return err
		}
		return b.start(h, dimension)
	})
}

// build begins a generation; fill puts the index into its folder.
func (f *Folder) build(provider string, fill func(*Build) error) (*Build, error) {
	if !IsProvider(provider) {
		return nil, fmt.Errorf("write an index for the provider %q: it cannot be a file's name", provider)
	}
	b := &Build{disk: f.disk, place: place(provider)}
	if err := b.begin(fill); err != nil {
		_ = b.Close() // the next Build removes what is left
		return nil, fmt.Errorf("begin an index of %s: %w", provider, err)
	}
	return b, nil
}

func (b *Build) begin(fill func(*Build) error) (err error) {
	if err := b.disk.Mkdir(b.place.generations()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if b.lock, err = b.disk.Lock(b.place.generations()); err != nil {
		return err
	}
	if err := b.sweep(); err != nil {
		return err
	}
	if err := b.tryLink(); err != nil {
		return err
	}
	if err := b.disk.Mkdir(b.place.temporary()); err != nil {
		return err
	}
	return fill(b)
}

// tryLink makes a link and removes it: without links no generation could become the present one, and each build would
// leave one.
func (b *Build) tryLink() error {
	if err := b.disk.Symlink(temporaryName, b.place.incoming()); err != nil {
		return fmt.Errorf("make a symbolic link, which the index folder needs: use a volume that has links (SMB has none "+
			"by default): %w", err)
	}
	return b.disk.Remove(b.place.incoming())
}

// Close gives up what was not published and ends the Build. After Publish it only ends it.
func (b *Build) Close() error {
	errs := []error{b.closeFile()}
	if b.lock != nil {
		errs = append(errs, b.sweep(), b.lock.Close())
	}
	b.lock = nil
	return errors.Join(errs...)
}

// sweep removes what a Build leaves that was not published: this one or one that was killed.
func (b *Build) sweep() error {
	p := b.place
	own := []string{path.Base(p.index(temporaryName)), path.Base(p.sidecar(temporaryName))}
	return errors.Join(
		remove(b.disk, p.temporary(), own...), remove(b.disk, p.incoming()), remove(b.disk, p.outgoing(), own...))
}

// ErrOccupied is the error for a name that this package needs and that holds something else.
var ErrOccupied = errors.New("it holds files that no build of an index left")

// remove removes a file, a link, or a folder with its own files. It is no error where there is none, and one where
// something is mounted there or where other files are: these are somebody else's.
func remove(d disk, name string, own ...string) error {
	info, err := d.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		if err := empty(d, name, own); err != nil {
			return err
		}
	}
	return d.Remove(name)
}

// empty removes its own files from a folder.
func empty(d disk, folder string, own []string) error {
	mounted, err := d.IsMount(folder)
	if err != nil {
		return err
	}
	if mounted {
		return fmt.Errorf("remove %s: %w: something is mounted there: unmount it", folder, ErrOccupied)
	}
	names, err := d.Names(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(own, name) {
			return fmt.Errorf("remove %s: %w: move %q to another folder", folder, ErrOccupied, name)
		}
		if err := d.Remove(path.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
