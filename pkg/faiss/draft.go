package faiss

import (
	"errors"
	"fmt"
)

// Draft is the vectors of a generation that may come, in a file without a name: the index folder shows nothing of it, and
// nothing of it is left when the process ends. It is for whoever learns only from the vectors whether an index must be
// written. Adopt makes a Build of it.
type Draft struct{ body }

// Draft begins a Draft for vectors of one dimension. The caller ends it with Close. It fails where the file system has no
// files without a name.
func (f *Folder) Draft(dimension int) (*Draft, error) {
	h, err := f.disk.Nameless()
	if err != nil {
		return nil, fmt.Errorf("begin a draft: %w", err)
	}
	d := &Draft{}
	if err := d.start(h, dimension); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close gives up what was not adopted.
func (d *Draft) Close() error { return d.closeFile() }

// ErrUnnameable is the error for a Draft whose file can be given no name: its vectors have to be added to a Build.
var ErrUnnameable = errors.New("the file of the draft cannot be given a name")

// Adopt begins a generation with the vectors of a Draft, which is empty then. Otherwise it is Build.
func (f *Folder) Adopt(provider string, d *Draft) (*Build, error) {
	return f.build(provider, func(b *Build) error {
		if err := b.disk.Name(d.file, b.place.index(temporaryName)); err != nil {
			return fmt.Errorf("%w: %w", ErrUnnameable, err)
		}
		b.body, d.body = d.body, body{}
		return nil
	})
}
