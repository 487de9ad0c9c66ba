package vectors

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/faiss"
)

// Written is what Write wrote.
type Written struct{ Indexes, Vectors int64 }

// target is one index on its way.
type target struct {
	Rebuild
	*faiss.Build
	reads bool // its vectors have to be read once more
}

// Write writes all indexes that are planned, and then publishes one after the other. It keeps a note once all of them are
// as planned: without it the next run reads all vectors, so no error about it is one of this run.
func (r Run) Write(ctx context.Context, folder *faiss.Folder, p Plan) (done Written, err error) {
	targets := map[string]*target{}
	defer func() {
		for _, t := range targets {
			err = errors.Join(err, inFolder(t.Close()))
		}
	}()
	for _, rebuild := range p.Rebuilds {
		t, err := begin(folder, rebuild)
		if err != nil {
			return done, inFolder(err)
		}
		targets[rebuild.Provider] = t
	}
	if err := r.fill(ctx, p, targets); err != nil {
		return done, err
	}
	if err := done.publish(ctx, p, targets); err != nil {
		return done, err
	}
	if p.note != nil && done.Indexes == int64(len(p.Rebuilds)) {
		if err := p.note.write(folder); err != nil {
			r.Log.Warn("the next run reads all vectors", "why", err)
		}
	}
	return done, nil
}

// begin begins an index with the vectors that were kept, or else an empty one.
func begin(folder *faiss.Folder, r Rebuild) (*target, error) {
	defer r.draft.Drop()
	build, err := folder.Adopt(r.Provider, r.draft)
	reads := errors.Is(err, faiss.ErrNotKept)
	if reads {
		build, err = folder.Build(r.Provider, r.Dimension)
	}
	return &target{r, build, reads}, err
}

// fill reads the vectors that were not kept, those of all indexes at once.
func (r Run) fill(ctx context.Context, p Plan, targets map[string]*target) error {
	reads := false
	for _, t := range targets {
		reads = reads || t.reads
	}
	if !reads {
		return nil
	}
	return r.readSources(ctx, newReader(r.Library.Vectors.Sources, p.files), func(e embedding) error {
		t := targets[e.provider]
		if t == nil || !t.reads || e.flaw != faiss.Sound || len(e.unit) != t.Dimension {
			return nil
		}
		return inFolder(t.Add(e.file, e.unit))
	})
}

func (w *Written) publish(ctx context.Context, p Plan, targets map[string]*target) error {
	for _, r := range p.Rebuilds {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t := targets[r.Provider]
		if t.Count() == 0 { // all were removed since the plan was made
			continue
		}
		s, err := t.Publish()
		if err != nil {
			return inFolder(err)
		}
		w.Indexes++
		w.Vectors += s.Count
	}
	return nil
}

// FolderError is an error of the index folder, and not of the database.
type FolderError struct{ Err error }

func (e *FolderError) Error() string { return e.Err.Error() }

func (e *FolderError) Unwrap() error { return e.Err }

func inFolder(err error) error {
	if err == nil {
		return nil
	}
	return &FolderError{err}
}
