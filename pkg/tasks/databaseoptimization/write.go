package databaseoptimization

import (
	"context"
	"encoding/json"
	"errors"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/tasks"
)

// target is one index file on its way.
type target struct {
	rebuild
	*faiss.Build
	reads bool // its vectors have to be read once more
}

// writeIndexFiles writes all index files that are planned, and then publishes one after the other.
func (x *execution) writeIndexFiles(ctx context.Context) (err error) {
	if len(x.plan.rebuilds) == 0 && x.plan.note == nil {
		return nil
	}
	folder, err := openFolder(x.env)
	if err != nil {
		return err
	}
	targets := map[string]*target{}
	defer func() {
		for _, t := range targets {
			err = errors.Join(err, t.Close())
		}
		err = folderError(errors.Join(err, folder.Close()))
	}()
	for _, r := range x.plan.rebuilds {
		t, err := begin(folder, r)
		if err != nil {
			return err
		}
		targets[r.provider] = t
	}
	if err := x.fill(ctx, targets); err != nil {
		return err
	}
	if err := x.publish(ctx, targets); err != nil {
		return err
	}
	x.keepNote(folder)
	return nil
}

// keepNote keeps what the indexes were made of, if all of them are as planned. Without it the next run reads all
// vectors, so no error is one of this run.
func (x *execution) keepNote(folder *faiss.Folder) {
	if x.plan.note == nil || x.done.Counts["faissIndexesRebuilt"] != int64(len(x.plan.rebuilds)) {
		return
	}
	kept, usable := *x.plan.note, false
	if kept.Indexes, usable = glances(folder); !usable {
		return
	}
	stored, err := json.MarshalIndent(kept, "", "  ")
	if err == nil {
		err = folder.PutNote(stored)
	}
	if err != nil {
		x.env.Log.Warn("the next run reads all vectors", "why", err)
	}
}

// begin begins an index file with the vectors that were kept, or else an empty one.
func begin(folder *faiss.Folder, r rebuild) (*target, error) {
	if r.draft != nil {
		defer r.draft.Close()
		build, err := folder.Adopt(r.provider, r.draft)
		if !errors.Is(err, faiss.ErrUnnameable) {
			return &target{r, build, false}, err
		}
	}
	build, err := folder.Build(r.provider, r.dimension)
	return &target{r, build, true}, err
}

// fill reads the vectors that were not kept, those of all index files at once.
func (x *execution) fill(ctx context.Context, targets map[string]*target) error {
	for _, t := range targets {
		if t.reads {
			return x.read(ctx, targets)
		}
	}
	return nil
}

func (x *execution) read(ctx context.Context, targets map[string]*target) error {
	reader := newVectorReader(x.env.Library, x.plan.files)
	return reader.scan(ctx, x.env, func(e embedding) error {
		t := targets[e.provider]
		if t == nil || !t.reads || e.flaw != faiss.Sound || len(e.unit) != t.dimension {
			return nil
		}
		return t.Add(e.file, e.unit)
	})
}

func (x *execution) publish(ctx context.Context, targets map[string]*target) error {
	for _, r := range x.plan.rebuilds {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t := targets[r.provider]
		if t.Count() == 0 { // all were removed since the plan was made
			continue
		}
		s, err := t.Publish()
		if err != nil {
			return err
		}
		x.done.Counts["faissIndexesRebuilt"]++
		x.done.Counts["vectorsWritten"] += s.Count
	}
	return nil
}

// folderError says of an error that the index folder or its volume must be changed, where that is so.
func folderError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return tasks.Misconfigured("there is no room for the new index files: what could not be written stays as it was; "+
			"make the volume of --index-dir larger (%w)", err)
	}
	if faiss.IsUnusable(err) {
		return tasks.Misconfigured("%w", err)
	}
	return err
}
