package faiss

import (
	"errors"
	"time"
)

// Glance is what can be seen of a provider's present generation without reading it. Two Glances are equal where nobody
// wrote a file of it in between, and said so by its size or its time.
type Glance struct {
	Generation string    `json:"generation"`
	Index      FileState `json:"index"`
	Sidecar    FileState `json:"sidecar"`
}

// FileState is the size and the time of the last change of a file.
type FileState struct {
	Size    int64     `json:"size"`
	Changed time.Time `json:"changed"`
}

// Glances glances at the present generation of every provider. It is an error where one cannot be used for another
// reason than what its files hold.
func (f *Folder) Glances() (map[string]Glance, error) {
	providers, err := f.Providers()
	if err != nil {
		return nil, err
	}
	seen := map[string]Glance{}
	for _, provider := range providers {
		if seen[provider], err = f.glance(provider); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func (f *Folder) glance(provider string) (Glance, error) {
	p := place(provider)
	generation, err := f.presentGeneration(p)
	if err != nil {
		return Glance{}, err
	}
	if err := f.checkLinks(p); err != nil {
		return Glance{}, err
	}
	g := Glance{Generation: generation}
	if g.Index, err = f.state(p.index(generation)); err != nil {
		return g, err
	}
	g.Sidecar, err = f.state(p.sidecar(generation))
	return g, err
}

func (f *Folder) state(name string) (FileState, error) {
	info, err := f.disk.Lstat(name)
	if err != nil {
		return FileState{}, err
	}
	if !info.Mode().IsRegular() {
		return FileState{}, &DamagedError{Path: name, What: "it is no file"}
	}
	return FileState{Size: info.Size(), Changed: info.ModTime().UTC()}, nil
}

// checkLinks tells whether the names in the index folder lead to the present generation.
func (f *Folder) checkLinks(p place) error {
	for name, target := range p.links() {
		if got, err := f.disk.Readlink(name); err != nil || got != target {
			return &DamagedError{Path: name, What: "it is not the link to the present generation"}
		}
	}
	return nil
}

// Pick reads a few vectors of a provider's present generation, without reading the whole: choose says which, by their
// positions, of how many. A position that there is not ends it with an error.
func (f *Folder) Pick(provider string, choose func(count int64) []int64, each func(ObjectID, []float32)) error {
	p := place(provider)
	generation, err := f.presentGeneration(p)
	if err != nil {
		return err
	}
	index, err := f.disk.Open(p.index(generation))
	if err != nil {
		return err
	}
	defer index.Close()
	sidecar, err := f.disk.Open(p.sidecar(generation))
	if err != nil {
		return err
	}
	defer sidecar.Close()
	if err := pick(index, sidecar, choose, each); err != nil {
		return at(p.index(generation), err)
	}
	return nil
}

func pick(index, sidecar handle, choose func(count int64) []int64, each func(ObjectID, []float32)) error {
	header := make([]byte, sidecarSize)
	if _, err := sidecar.ReadAt(header, 0); err != nil {
		return whole(err)
	}
	s, err := parseSidecar(header)
	if err != nil {
		return err
	}
	row, unit := make([]byte, 4*s.Dimension), make([]float32, s.Dimension)
	for _, position := range choose(s.Count) {
		var id ObjectID
		_, idErr := sidecar.ReadAt(id[:], sidecarSize+position*int64(len(id)))
		_, rowErr := index.ReadAt(row, vectorsAt+position*int64(len(row)))
		if err := errors.Join(idErr, rowErr); err != nil {
			return whole(err)
		}
		decodeRow(unit, row)
		each(id, unit)
	}
	return nil
}
