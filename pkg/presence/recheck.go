package presence

import (
	"context"
	"fmt"
	"path"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/roots"
)

// Recheck keeps of Missing those that a second, exact look does not find either and that nothing makes doubtful. Alive
// are the records of the others whose file is there.
func (s *Survey) Recheck(ctx context.Context) (alive []bsonvalue.ID, err error) {
	verdicts, empty, err := s.Look(ctx, s.Missing)
	if err != nil {
		return nil, err
	}
	still := s.Missing[:0]
	for i, m := range s.Missing {
		c, r := s.sections[m.Section], s.Roots[s.RootOf(m)]
		switch v := verdicts[i]; {
		case v == roots.Missing && !r.mayBeMount(empty[i], c.folder):
			still = append(still, m)
			continue
		case v == roots.Missing:
			r.foundEmpty(empty[i])
		case v == roots.Unknown:
			r.lost(path.Dir(s.file(m)))
		case v == roots.Alive:
			c.Alive++
			r.sawAlive(s.file(m))
			alive = append(alive, m.Record)
		}
		if c.Missing--; verdicts[i] != roots.Alive {
			c.Unknown++
		}
	}
	s.Missing = still
	s.doubtSections()
	return alive, nil
}

// Look judges missing files once more, by fresh listings and by asking the disk, and gives the empty folders as
// roots.Look does. In a root that is not open they are Unknown.
func (s *Survey) Look(ctx context.Context, list []Missing) (verdicts []roots.Verdict, empty []string, err error) {
	verdicts, empty = make([]roots.Verdict, len(list)), make([]string, len(list))
	for root, r := range s.Roots {
		if r.disk == nil {
			continue
		}
		var files []string
		var places []int // of the files in list
		for i, m := range list {
			if s.RootOf(m) == root {
				files, places = append(files, s.file(m)), append(places, i)
			}
		}
		found, holdNothing, err := roots.Look(ctx, r.tree(1), files)
		if err != nil {
			return nil, nil, err
		}
		for i, at := range places {
			verdicts[at], empty[at] = found[i], holdNothing[i]
		}
	}
	return verdicts, empty, nil
}

// mayBeMount tells whether a folder, which is empty, may be the mount point of a disk that is not mounted: in a root of
// which nothing is known yet, any may be. The root itself, and a folder that the library records as a root, are doubted
// as a whole.
func (r *Root) mayBeMount(folder, recorded string) bool {
	return r.New() && folder != "" && folder != "." && folder != recorded
}

// foundEmpty remembers an empty folder, so that later runs leave its records alone, too, as long as it is empty and no
// person says that no disk belongs there.
func (r *Root) foundEmpty(folder string) {
	if slices.Contains(r.emptied, folder) {
		return
	}
	r.emptied = append(r.emptied, folder)
	r.unknown(fmt.Sprintf("%q is empty, and may be the mount point of a disk: mount its disk, or, if no disk belongs "+
		"there, "+
		roots.NoMountsRemedy, folder))
}

// RootOf is the root that a missing file belongs to, by its place in Roots.
func (s *Survey) RootOf(m Missing) int { return s.sections[m.Section].root }

// file is where a missing file belongs in its root.
func (s *Survey) file(m Missing) string {
	l, _ := s.placed.Locate(m.Path)
	return l.File
}
