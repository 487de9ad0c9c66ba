package databaseoptimization

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/tasks"
)

// vectorFacts are the stored vectors, counted, and the index files that there are.
type vectorFacts struct {
	files     *bsonvalue.IDSet // those that exist
	providers map[string]*providerFacts
	nameless  int64 // vectors whose provider cannot name a file
}

// providerFacts are what one provider has in the database and in the index folder. Which length counts is for the plan
// to say.
type providerFacts struct {
	declared int // the length of its vectors, 0 where none is declared
	lengths  map[int]*faiss.Content
	flaws    map[faiss.Flaw]int64
	present  presentIndex
}

// presentIndex is the index in the folder.
type presentIndex struct {
	exists  bool
	damaged string // what is wrong with it
	sidecar faiss.Sidecar
}

// comparing is what needs memory: of a file its id, and of a vector the id of its file, and that once more while an index
// file is written.
const (
	comparing     = "comparing vectors with index files"
	bytesOfFile   = 16
	bytesOfVector = 16 + 12
)

func gatherVectors(ctx context.Context, env tasks.Env) (*vectorFacts, error) {
	folder, err := openFolder(env)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	files := func() []string { return []string{env.Library.Files.Collection} }
	if err := env.Fits(ctx, comparing, bytesOfFile, files); err != nil {
		return nil, err
	}
	reader := newVectorReader(env.Library, nil)
	reader.room = env.Room(comparing)
	v := &vectorFacts{files: reader.files, providers: map[string]*providerFacts{}}
	if err := reader.scan(ctx, env, func(e embedding) error { v.add(env.Library, e); return nil }); err != nil {
		return nil, err
	}
	return v, v.readPresent(env.Library, folder)
}

func openFolder(env tasks.Env) (*faiss.Folder, error) {
	folder, err := faiss.OpenFolder(env.Options.IndexDir)
	if err != nil {
		return nil, folderError(fmt.Errorf("%w: make the folder that --index-dir names, or mount what it is on", err))
	}
	return folder, nil
}

func (v *vectorFacts) add(lib library.Library, e embedding) {
	if e.provider == "" {
		v.nameless++
		return
	}
	p := v.provider(lib, e.provider)
	if e.flaw != faiss.Sound {
		p.flaws[e.flaw]++
		return
	}
	if p.lengths[len(e.unit)] == nil {
		p.lengths[len(e.unit)] = &faiss.Content{}
	}
	p.lengths[len(e.unit)].Add(e.file, e.unit)
}

func (v *vectorFacts) provider(lib library.Library, name string) *providerFacts {
	if v.providers[name] == nil {
		v.providers[name] = &providerFacts{
			declared: lib.Vectors.Dimensions[name], lengths: map[int]*faiss.Content{}, flaws: map[faiss.Flaw]int64{},
		}
	}
	return v.providers[name]
}

// readPresent reads and checks the index files of every provider that has vectors or index files.
func (v *vectorFacts) readPresent(lib library.Library, folder *faiss.Folder) error {
	inFolder, err := folder.Providers()
	if err != nil {
		return folderError(err)
	}
	for _, name := range inFolder {
		v.provider(lib, name)
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
