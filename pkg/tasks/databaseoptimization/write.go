package databaseoptimization

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/tasks"
)

// target is one index file on its way.
type target struct {
	rebuild
	*faiss.Build
}

// writeIndexFiles writes all index files that are planned in one reading of the vectors, and then publishes one after
// the other.
func (x *execution) writeIndexFiles(ctx context.Context) (err error) {
	if len(x.plan.rebuilds) == 0 {
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
		build, err := folder.Build(r.provider, r.dimension)
		if err != nil {
			return err
		}
		targets[r.provider] = &target{r, build}
	}
	if err := x.fill(ctx, targets); err != nil {
		return err
	}
	return x.publish(ctx, targets)
}

func (x *execution) fill(ctx context.Context, targets map[string]*target) error {
	reader := newVectorReader(x.env.Library, x.plan.files)
	return reader.scan(ctx, x.env, func(e embedding) error {
		t := targets[e.provider]
		if t == nil || e.flaw != faiss.Sound || len(e.unit) != t.dimension {
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
