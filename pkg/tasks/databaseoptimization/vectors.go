package databaseoptimization

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/tasks"
)

// vectorFacts are the stored vectors, counted, and the index files that there are.
type vectorFacts struct {
	trusted   *note // nothing was read, since this vouches for all indexes; nil: all vectors were read
	note      *note // for the runs to come; nil: none can be relied on
	lib       library.Library
	folder    *faiss.Folder
	drafts    int              // that were begun
	files     *bsonvalue.IDSet // those that exist
	providers map[string]*providerFacts
	nameless  int64 // vectors whose provider cannot name a file
}

// providerFacts are what one provider has in the database and in the index folder. Which length counts is for the plan
// to say.
type providerFacts struct {
	declared int // the length of its vectors, 0 where none is declared
	lengths  map[int]*collected
	flaws    map[faiss.Flaw]int64
	present  presentIndex
}

// presentIndex is the index in the folder.
type presentIndex struct {
	exists  bool
	damaged string // what is wrong with it
	sidecar faiss.Sidecar
}

// comparing is what needs memory: of a file its id, and of a vector the id of its file, and that once more for the
// index.
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
	seen, err := takeLook(ctx, env, folder)
	if err != nil {
		return nil, err
	}
	if seen.why == "" {
		return &vectorFacts{trusted: &seen.note}, nil
	}
	env.Log.Info("all vectors are read", "why", seen.why)
	v, err := readVectors(ctx, env, folder)
	if err == nil {
		v.note = seen.next(env)
	}
	return v, err
}

func readVectors(ctx context.Context, env tasks.Env, folder *faiss.Folder) (*vectorFacts, error) {
	files := func() []string { return []string{env.Library.Files.Collection} }
	if err := env.Fits(ctx, comparing, bytesOfFile, files); err != nil {
		return nil, err
	}
	reader := newVectorReader(env.Library, nil)
	reader.room = env.Room(comparing)
	v := &vectorFacts{lib: env.Library, folder: folder, files: reader.files, providers: map[string]*providerFacts{}}
	if err := reader.scan(ctx, env, func(e embedding) error { v.add(e); return nil }); err != nil {
		return nil, err
	}
	if err := v.readPresent(); err != nil {
		return nil, err
	}
	v.dropUnneeded()
	return v, nil
}

func openFolder(env tasks.Env) (*faiss.Folder, error) {
	folder, err := faiss.OpenFolder(env.Options.IndexDir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, tasks.Misconfigured("database-optimization cannot work on --index-dir=%s: %w", env.Options.IndexDir,
			files.WithRemedy(files.NotOpened(env.Options.IndexDir, unix.EACCES)))
	case err != nil:
		return nil, folderError(fmt.Errorf("%w: make the folder that --index-dir names, or mount what it is on", err))
	}
	return folder, nil
}

func (v *vectorFacts) add(e embedding) {
	if e.provider == "" {
		v.nameless++
		return
	}
	p := v.provider(e.provider)
	if e.flaw != faiss.Sound {
		p.flaws[e.flaw]++
		return
	}
	n := len(e.unit)
	if p.lengths[n] == nil {
		p.lengths[n] = v.collect(p, n)
	}
	p.lengths[n].add(e.file, e.unit)
}

func (v *vectorFacts) provider(name string) *providerFacts {
	if v.providers[name] == nil {
		v.providers[name] = &providerFacts{
			declared: v.lib.Vectors.Dimensions[name], lengths: map[int]*collected{}, flaws: map[faiss.Flaw]int64{},
		}
	}
	return v.providers[name]
}

// readPresent reads and checks the index files of every provider that has vectors or index files.
func (v *vectorFacts) readPresent() error {
	inFolder, err := v.folder.Providers()
	if err != nil {
		return folderError(err)
	}
	for _, name := range inFolder {
		v.provider(name)
	}
	for name, p := range v.providers {
		var damaged *faiss.DamagedError
		switch p.present.sidecar, err = v.folder.Present(name); {
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
