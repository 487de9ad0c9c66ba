package cleanuporphanedfilerecords

import (
	"context"
	"time"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/detect"
	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are which records have no file on disk, and since when that is known.
type facts struct {
	*presence.Survey
	library   library.Library // with the references that matter here alone
	now       time.Time
	referrers *references.Referrers // to those of the missing records that are due
	stale     []bsonvalue.ID        // notes that are not true any more
	pathless  int64                 // records without a path
	fileless  int64                 // records that have no file
	kept      bool                  // there is a place in the checkpoints
}

func (s settings) gather(ctx context.Context, env tasks.Env) (facts, error) {
	files := env.Library.Files
	records := func() []string { return []string{files.Collection} }
	if err := env.Fits(ctx, comparing, bytesOfName, records); err != nil { // there are about as many names
		return facts{}, err
	}
	f := facts{library: references.Cascade(env.Library, files.Collection), now: env.Now}
	if err := f.findRoots(ctx, env); err != nil {
		return f, err
	}
	defer f.Close()
	if err := f.Enter(ctx, s.open, env.Options.AllowPlan); err != nil {
		return f, err
	}
	scan := &scan{facts: &f, env: env, room: env.Room(comparing), most: s.most, atOnce: s.atOnce,
		listing: newListing(env, f.Survey)}
	err := scan.run(ctx)
	return f, err
}

// findRoots finds those that the options name, else those that the library records and that exist here.
func (f *facts) findRoots(ctx context.Context, env tasks.Env) error {
	known, err := stores.KnownRoots(ctx, env.DB)
	if err != nil {
		return err
	}
	recorded, err := detect.RecordedRoots(ctx, env.DB, *env.Library.Files)
	if err != nil {
		return err
	}
	o := env.Options
	f.Survey = presence.New(presence.Library{Given: o.LibraryRoots, Recorded: recorded, PathMaps: o.PathMaps,
		Known: known})
	if len(f.Roots) == 0 {
		return noRoot(f.Absent)
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
			"place with --path-map, or name each folder that holds files with --library-root",
		ellipsis.List(absent, tasks.SampleSize))
}
