package faiss

import (
	"errors"
	"fmt"
	"io/fs"
)

// Visit is what Read calls for each vector and for each id; either may be nil.
type Visit struct {
	Vector   func(position int64, unit []float32)
	ObjectID func(id int64, object ObjectID)
}

// Read reads the present generation of a provider whole, both files, and checks that they belong together. It is
// fs.ErrNotExist where there is none, and a *DamagedError where there is one that cannot be used. What v was given is
// good only where no error comes back.
func (f *Folder) Read(provider string, v Visit) (Sidecar, error) {
	p := place(provider)
	for last := ""; ; {
		generation, err := f.presentGeneration(p)
		if err != nil {
			return Sidecar{}, err
		}
		s, err := f.readGeneration(p, generation, v)
		if !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
		if generation == last { // not overtaken by newer ones: it is really not there
			return s, &DamagedError{Path: p.current(), What: "it leads to a generation that is not whole"}
		}
		last = generation
	}
}

// readGeneration opens both files before it reads either, so that they cannot vanish in between.
func (f *Folder) readGeneration(p place, generation string, v Visit) (Sidecar, error) {
	index, err := f.disk.Open(p.index(generation))
	if err != nil {
		return Sidecar{}, err
	}
	defer index.Close()
	sidecar, err := f.disk.Open(p.sidecar(generation))
	if err != nil {
		return Sidecar{}, err
	}
	defer sidecar.Close()
	s, err := ReadSidecar(sidecar, v.ObjectID)
	if err != nil {
		return Sidecar{}, at(p.sidecar(generation), err)
	}
	read, err := readIndexFile(index, v.Vector)
	if err != nil {
		return Sidecar{}, at(p.index(generation), err)
	}
	if read != (Index{Dimension: s.Dimension, Count: s.Count, Digest: s.Index}) {
		return Sidecar{}, &DamagedError{Path: p.index(generation),
			What: "it is not the index that its sidecar was written for"}
	}
	return s, nil
}

func readIndexFile(h handle, each func(int64, []float32)) (Index, error) {
	info, err := h.Stat()
	if err != nil {
		return Index{}, err
	}
	return ReadIndex(h, info.Size(), each)
}

// at says which file an error is about.
func at(name string, err error) error {
	var damaged *DamagedError
	if errors.As(err, &damaged) && damaged.Path == "" {
		return &DamagedError{Path: name, What: damaged.What}
	}
	return fmt.Errorf("read %s: %w", name, err)
}

// Present is the sidecar of a provider's present generation after all of it was read and checked, as Read does. It is
// also a
// *DamagedError where the names in the index folder do not lead to it.
func (f *Folder) Present(provider string) (Sidecar, error) {
	s, err := f.Read(provider, Visit{})
	if err != nil {
		return s, err
	}
	return s, f.checkLinks(place(provider))
}
