package faiss

import (
	"errors"
	"fmt"
)

// Draft is the vectors of an index that may come: their digest and, while there is room for them, the vectors
// themselves. They are in a file without a name: the index folder shows nothing of it, and nothing of it is left when
// the process ends. It is for whoever learns only from the vectors whether an index must be written. Adopt makes a
// Build of it. The zero Draft keeps no vectors.
type Draft struct{ body }

// Draft begins a Draft for vectors of one dimension, which keeps them if the file system has files without a name. The
// caller ends it with Drop.
func (f *Folder) Draft(dimension int) *Draft {
	d := &Draft{}
	if h, err := f.disk.Nameless(); err == nil && d.start(h, dimension) != nil {
		d.Drop()
	}
	return d
}

// Add takes in one normalised vector. If it cannot be written, as on a full disk, the Draft keeps no vectors from then
// on: whoever adds them to a Build meets that error.
func (d *Draft) Add(id ObjectID, unit []float32) {
	if !d.Kept() {
		d.content.Add(id, unit)
	} else if d.body.Add(id, unit) != nil {
		d.Drop()
	}
}

// Count is how many vectors were added.
func (d *Draft) Count() int64 { return d.content.Count() }

// Sum is the digest of the vectors that were added.
func (d *Draft) Sum() [32]byte { return d.content.Sum() }

// Kept tells whether the Draft keeps the vectors, and not only their digest.
func (d *Draft) Kept() bool { return d.file != nil }

// Drop lets go of the vectors, but not of their digest.
func (d *Draft) Drop() {
	_ = d.closeFile() // what is lost is not needed
	d.body = body{content: d.content}
}

// ErrNotKept is the error for a Draft that keeps no vectors or whose file can be given no name: its vectors have to be
// added to a Build.
var ErrNotKept = errors.New("the draft has no vectors for an index")

// Adopt begins a generation with the vectors of a Draft, which is empty then. Otherwise it is Build.
func (f *Folder) Adopt(provider string, d *Draft) (*Build, error) {
	if !d.Kept() {
		return nil, ErrNotKept
	}
	return f.build(provider, func(b *Build) error {
		if err := b.disk.Name(d.file, b.place.index(temporaryName)); err != nil {
			return fmt.Errorf("%w: %w", ErrNotKept, err)
		}
		b.body, d.body = d.body, body{}
		return nil
	})
}
