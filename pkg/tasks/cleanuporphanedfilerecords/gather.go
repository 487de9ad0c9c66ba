package cleanuporphanedfilerecords

import (
	"context"
	"time"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the records whose file is missing, and the roots that they lie in.
type facts struct {
	model names
	now   time.Time
	roots []*root
	where roots.Map
	// missing are the records whose file complete listings lack, in two looks.
	missing  []missing
	stale    []mongodb.ID // notes that are not true any more
	unplaced int64        // records that lie in no root
	pathless int64        // records without a path
	place    *place
	referrers
}

// names are the names from the model that the plan needs.
type names struct{ files, albums, embeddings, path, fileIDs, fileCount, cover, embedded string }

// missing is one record whose file is gone.
type missing struct {
	id    mongodb.ID
	path  mongodb.Value // as recorded, a string
	root  int
	since time.Time // when it was noted; zero: it is not
	due   bool      // it may be deleted
}

func (m missing) text() string {
	s, _ := m.path.Raw().StringValueOK()
	return s
}

type gatherer struct {
	open disk
	most int
}

func (g gatherer) gather(ctx context.Context, env tasks.Env) (facts, error) {
	known, err := env.DB.KnownRoots(ctx)
	if err != nil {
		return facts{}, err
	}
	f := facts{model: namesOf(env), now: env.Now}
	if f.roots, f.where, err = rootsOf(env, known); err != nil {
		return f, err
	}
	open := make([]openLibrary, len(f.roots))
	defer func() { closeAll(open) }()
	for i, r := range f.roots {
		if open[i], err = g.open.enter(ctx, r); err != nil {
			return f, err
		}
	}
	if troubleOf(f.roots) != nil {
		return f, nil
	}
	f.place = newPlace(env, f.roots)
	s, err := newScan(ctx, env, &f, open, g.most)
	if err == nil {
		err = s.run(ctx, env, open)
	}
	if err == nil && decide(f, env.Options).refused() {
		err = f.place.forget(ctx) // this is no run that was killed: the next one is to see what is there then
	}
	return f, err
}

func closeAll(open []openLibrary) {
	for _, l := range open {
		if l != nil {
			_ = l.Close() // nothing was written through it that could be lost
		}
	}
}

func namesOf(env tasks.Env) names {
	m := env.Model
	return names{
		files: m.Files.Collection, albums: m.Albums.Collection, embeddings: m.Embeddings.Collection, path: m.Files.Path,
		fileIDs: m.Albums.Files, fileCount: m.Albums.FileCount, cover: m.Albums.Cover, embedded: m.Embeddings.File,
	}
}
