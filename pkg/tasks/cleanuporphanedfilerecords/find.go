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
		paths, f.absent = roots.NewMap(f.pathMaps, nil).Here(recorded, known, open.exists)
		if len(paths) == 0 {
			return noRoot(f.absent)
		}
	}
	f.where, f.inner = roots.NewMap(f.pathMaps, paths), make([][]string, len(paths))
	f.placed = roots.NewPlacement(f.pathMaps, paths, recorded)
	for i, p := range paths {
		f.roots = append(f.roots, &root{State: roots.State{Path: p}, known: known[p], elsewhere: f.where.Nested(i)})
	}
	for _, p := range recorded {
		if l, ok := f.where.Locate(p); ok {
			f.inner[l.Root] = append(f.inner[l.Root], l.File)
		}
	}
	return nil
}

// noRoot is the error where no root is given, and none of those that the library records is here.
func noRoot(absent []string) error {
	if len(absent) == 0 {
		return tasks.Misconfigured(
			"no library root is given, and the library records none: name each folder that holds files with --library-root")
	}
	return tasks.Misconfigured(
		"no library root is given, and none of those that the library records exists here (%s): mount them, give their "+
			"place with --path-map, or name each folder that holds files with --library-root", ellipsis.List(absent, tasks.SampleSize))
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
