package vectors

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/faiss"
)

// Written is what Write did.
type Written struct {
	Indexes, Vectors int64
	// Left are the errors of the indexes that cannot be written before somebody changes what is in the folder.
	Left []error
}

// writing is a Write under way.
type writing struct {
	Run
	plan    Plan
	targets map[string]*target
	done    Written
}

// target is one index on its way.
type target struct {
	Rebuild
	*faiss.Build
	reads bool // its vectors have to be read once more
}

// Write writes all indexes that are planned, and then publishes one after the other. It keeps a note once all of them
// are as planned: without it the next run reads all vectors, so no error about it is one of this run.
func (r Run) Write(ctx context.Context, folder *faiss.Folder, p Plan) (Written, error) {
	w := &writing{Run: r, plan: p, targets: map[string]*target{}}
	defer func() {
		for _, t := range w.targets {
			_ = t.Close() // the next Build removes what is left of those that were not published
		}
	}()
	if err := w.begin(folder); err != nil {
		return w.done, err
	}
	if err := w.fill(ctx); err != nil {
		return w.done, err
	}
	if err := w.publish(ctx); err != nil {
		return w.done, err
	}
	if p.note != nil && w.done.Indexes == int64(len(p.Rebuilds)) {
		if err := p.note.write(folder); err != nil {
			r.Log.Warn("the next run reads all vectors", "why", err)
		}
	}
	return w.done, nil
}

// leave notes an error that concerns one index alone, and gives back any other.
func (w *writing) leave(err error) error {
	if faiss.IsUnusable(err) {
		w.done.Left = append(w.done.Left, err)
		return nil
	}
	return inFolder(err)
}

func (w *writing) begin(folder *faiss.Folder) error {
	for _, r := range w.plan.Rebuilds {
		t, err := begin(folder, r)
		if err == nil {
			w.targets[r.Provider] = t
		}
		if err := w.leave(err); err != nil {
			return err
		}
	}
	return nil
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
func (w *writing) fill(ctx context.Context) error {
	reads := false
	for _, t := range w.targets {
		reads = reads || t.reads
	}
	if !reads {
		return nil
	}
	return w.readSources(ctx, newReader(w.Library.Vectors.Sources, w.plan.files), func(e embedding) error {
		t := w.targets[e.provider]
		if t == nil || !t.reads || e.flaw != faiss.Sound || len(e.unit) != t.Dimension {
			return nil
		}
		return inFolder(t.Add(e.file, e.unit))
	})
}

func (w *writing) publish(ctx context.Context) error {
	for _, r := range w.plan.Rebuilds {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t := w.targets[r.Provider]
		if t == nil || t.Count() == 0 { // it was left, or all vectors were removed since the plan was made
			continue
		}
		s, err := t.Publish()
		if err == nil {
			w.done.Indexes++
			w.done.Vectors += s.Count
			err = t.Close()
		}
		if err := w.leave(err); err != nil {
			return err
		}
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
