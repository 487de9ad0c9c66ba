package databaseoptimization

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/tasks"
)

// vectorFacts are the stored vectors, counted, and the index files that there are.
type vectorFacts struct {
	reader    *vectorReader // which knows the files that exist
	providers map[string]*providerFacts
	nameless  int64 // vectors whose provider cannot name a file
}

// providerFacts are what one provider has in the database and in the index folder. Which dimension counts is for the plan to say.
type providerFacts struct {
	declared   int // the dimension, 0 where the model has none
	flaws      map[flaw]int64
	dimensions map[int]*dimensionFacts
	present    presentIndex
}

// dimensionFacts are a provider's vectors of one dimension.
type dimensionFacts struct {
	content faiss.Content // of the sound ones
	flaws   map[faiss.Flaw]int64
	unit    []float32
}

// all is how many there are.
func (d *dimensionFacts) all() int64 {
	n := d.content.Count()
	for _, flawed := range d.flaws {
		n += flawed
	}
	return n
}

// presentIndex is the index in the folder.
type presentIndex struct {
	exists  bool
	damaged string // what is wrong with it
	sidecar faiss.Sidecar
}

func gatherVectors(ctx context.Context, env tasks.Env) (*vectorFacts, error) {
	folder, err := openFolder(env)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	v := &vectorFacts{reader: newVectorReader(env.Library), providers: map[string]*providerFacts{}}
	if err := v.reader.scan(ctx, env, func(e embedding) error { v.add(env, e); return nil }); err != nil {
		return nil, err
	}
	return v, v.readPresent(env, folder)
}

func openFolder(env tasks.Env) (*faiss.Folder, error) {
	folder, err := faiss.OpenFolder(env.Options.IndexDir)
	if err != nil {
		return nil, folderError(fmt.Errorf("%w: make the folder that --index-dir names, or mount what it is on", err))
	}
	return folder, nil
}

func (v *vectorFacts) add(env tasks.Env, e embedding) {
	if e.provider == "" {
		v.nameless++
		return
	}
	p := v.provider(env, e.provider)
	if e.flaw != sound {
		p.flaws[e.flaw]++
		return
	}
	p.dimension(len(e.vector)).add(e)
}

func (v *vectorFacts) provider(env tasks.Env, name string) *providerFacts {
	if v.providers[name] == nil {
		v.providers[name] = &providerFacts{
			declared: env.Library.Vectors.Dimensions[name], flaws: map[flaw]int64{}, dimensions: map[int]*dimensionFacts{},
		}
	}
	return v.providers[name]
}

func (p *providerFacts) dimension(n int) *dimensionFacts {
	if p.dimensions[n] == nil {
		p.dimensions[n] = &dimensionFacts{flaws: map[faiss.Flaw]int64{}, unit: make([]float32, n)}
	}
	return p.dimensions[n]
}

func (d *dimensionFacts) add(e embedding) {
	if found := faiss.Normalise(d.unit, e.vector); found != faiss.Sound {
		d.flaws[found]++
		return
	}
	d.content.Add(e.file, d.unit)
}

// readPresent reads and checks the index files of every provider that has embeddings or index files.
func (v *vectorFacts) readPresent(env tasks.Env, folder *faiss.Folder) error {
	inFolder, err := folder.Providers()
	if err != nil {
		return folderError(err)
	}
	for _, name := range inFolder {
		v.provider(env, name)
	}
	for name, p := range v.providers {
		var damaged *faiss.DamagedError
		switch p.present.sidecar, err = folder.Present(name); {
		case errors.Is(err, fs.ErrNotExist):
		case errors.As(err, &damaged):
			p.present.exists, p.present.damaged = true, damaged.Error()
		case err != nil:
			return folderError(err)
		default:
			p.present.exists = true
		}
	}
	return nil
}
