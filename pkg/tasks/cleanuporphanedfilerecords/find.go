package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"

	"ucorefs.io/maintenance/pkg/detect"
	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// findRoots fills in the roots: those that the options name, else those that the library records and that exist here.
func (f *facts) findRoots(ctx context.Context, env tasks.Env, open opener) error {
	known, err := stores.KnownRoots(ctx, env.DB)
	if err != nil {
		return err
	}
	recorded, err := detect.RecordedRoots(ctx, env.DB, *env.Library.Files)
	if err != nil {
		return err
	}
	paths := distinct(env.Options.LibraryRoots)
	if f.recorded = len(paths) == 0; f.recorded {
		if paths, err = f.rootsHere(recorded, known, open); err != nil {
			return err
		}
	}
	f.where, f.inner = roots.NewMap(f.pathMaps, paths), make([][]string, len(paths))
	for i, p := range paths {
		f.roots = append(f.roots, &root{path: p, known: known[p], elsewhere: f.where.Nested(i)})
	}
	for _, p := range recorded {
		if l, ok := f.where.Locate(p); ok {
			f.inner[l.Root] = append(f.inner[l.Root], l.File)
		}
	}
	return nil
}

// rootsHere are those of the recorded roots that exist here, or that did once; the others are absent.
func (f *facts) rootsHere(recorded []string, known map[string]roots.Known, open opener) ([]string, error) {
	var paths []string
	for _, p := range recorded {
		onDisk := path.Clean(roots.NewMap(f.pathMaps, nil).OnDisk(p))
		if _, was := known[onDisk]; was || path.IsAbs(onDisk) && open.exists(onDisk) {
			paths = append(paths, onDisk)
			continue
		}
		f.absent = append(f.absent, p)
	}
	switch {
	case len(recorded) == 0:
		return nil, tasks.Misconfigured(
			"no library root is given, and the library records none: name each folder that holds files with --library-root")
	case len(paths) == 0:
		return nil, tasks.Misconfigured(
			"no library root is given, and none of those that the library records exists here (%s): mount them, give their "+
				"place with --path-map, or name each folder that holds files with --library-root", ellipsis.List(f.absent, tasks.SampleSize))
	}
	return distinct(paths), nil
}

// exists tells whether there is something at a path, be it readable or not.
func (open opener) exists(folder string) bool {
	l, err := open(folder)
	if err == nil {
		_ = l.Close()
	}
	return !errors.Is(err, fs.ErrNotExist)
}

func distinct(folders []string) (paths []string) {
	for _, p := range folders {
		if p = path.Clean(p); !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	return paths
}
