package faiss

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// vector is one vector of a test, with its ObjectID.
type vector struct {
	id   ObjectID
	unit []float32
}

// vectors are n random unit vectors; they are a function of the seed.
func vectors(t testing.TB, seed uint64, n, dimension int) []vector {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	list := make([]vector, n)
	raw := make([]float64, dimension)
	for i := range list {
		for j := range raw {
			raw[j] = r.NormFloat64()
		}
		list[i].unit = make([]float32, dimension)
		if flaw := Normalise(list[i].unit, raw); flaw != Sound {
			t.Fatalf("a random vector is %s", flaw)
		}
		binary.BigEndian.PutUint64(list[i].id[:], seed)
		binary.BigEndian.PutUint32(list[i].id[8:], uint32(i))
	}
	return list
}

// fill builds and publishes an index of the provider clip.
func fill(f *Folder, list []vector) (Sidecar, error) {
	b, err := f.Build("clip", len(list[0].unit))
	if err != nil {
		return Sidecar{}, err
	}
	for _, v := range list {
		if err := b.Add(v.id, v.unit); err != nil {
			return Sidecar{}, errors.Join(err, b.Close())
		}
	}
	s, err := b.Publish()
	return s, errors.Join(err, b.Close())
}

// adopt is fill by way of a draft.
func adopt(f *Folder, list []vector) (Sidecar, error) {
	d := f.Draft(len(list[0].unit))
	defer d.Drop()
	for _, v := range list {
		d.Add(v.id, v.unit)
	}
	b, err := f.Adopt("clip", d)
	if err != nil {
		return Sidecar{}, err
	}
	s, err := b.Publish()
	return s, errors.Join(err, b.Close())
}

// mustFill is fill that has to succeed.
func mustFill(t testing.TB, f *Folder, list []vector) Sidecar {
	t.Helper()
	s, err := fill(f, list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, path string) *Folder {
	t.Helper()
	f, err := OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// readBack is what Read gives for the provider clip.
func readBack(t testing.TB, f *Folder) []vector {
	t.Helper()
	var list []vector
	_, err := f.Read("clip", Visit{
		ObjectID: func(_ int64, id ObjectID) { list = append(list, vector{id: id}) },
		Vector:   func(i int64, unit []float32) { list[i].unit = slices.Clone(unit) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// names are the names in a folder, sorted.
func names(t testing.TB, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
