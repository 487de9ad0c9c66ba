package cleanuporphanedfilerecords

import (
	"context"
	"time"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the records whose file is missing, and the roots that they lie in.
type facts struct {
	library  library.Library // with the references that matter here alone
	now      time.Time
	pathMaps []string
	roots    []*root
	recorded bool     // the roots are those that the library records
	absent   []string // recorded roots that do not exist here
	where    roots.Map
	placed   *roots.Placement // of all records that have a file and a path
	inner    [][]string       // in each root, the folders that the library records as roots of their own
	sections []*section
	// missing are the records whose file complete listings lack, in two looks, and the disk does not find.
	missing   []missing
	referrers *references.Referrers // to those of them that are due
	stale     []bsonvalue.ID        // notes that are not true any more
	pathless  int64                 // records without a path
	garbled   int64                 // records whose path is not that on disk
	fileless  int64                 // records that have no file
	kept      bool                  // there is a place in the checkpoints
}

// missing is one record whose file is gone.
type missing struct {
	id      bsonvalue.ID
	path    bsonvalue.Value // as recorded, a string
	section int
	since   time.Time // when it was noted; zero: it is not
	due     bool      // it may be deleted
}

// Target is the record.
func (m missing) Target() bsonvalue.ID { return m.id }

func (m missing) text() string {
	s, _ := m.path.Raw().StringValueOK()
	return s
}

// judgedBy are the fields of a record by which it is judged.
func (f *facts) judgedBy() []string {
	return append(f.library.Files.Without.Fields(), f.library.Files.Path)
}

// rootOf is the root that a missing record lies in, by its place in roots.
func (f *facts) rootOf(m missing) int { return f.sections[m.section].root }

func (s settings) gather(ctx context.Context, env tasks.Env) (facts, error) {
	records := func() []string { return []string{env.Library.Files.Collection} }
	if err := env.Fits(ctx, comparing, bytesOfName, records); err != nil { // there are about as many names
		return facts{}, err
	}
	f := facts{library: references.Leading(env.Library, env.Library.Files.Collection), now: env.Now, pathMaps: env.Options.PathMaps}
	if err := f.findRoots(ctx, env, s.open); err != nil {
		return f, err
	}
	defer closeAll(f.roots)
	for _, r := range f.roots {
		if err := s.open.enter(ctx, r, env.Options.AllowPlan); err != nil {
			return f, err
		}
	}
	err := (&scan{facts: &f, env: env, room: env.Room(comparing), most: s.most, atOnce: s.atOnce, listing: newListing(env, f.roots)}).run(ctx)
	return f, err
}
