package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// doubtEmptyFolders makes missing files unknown that should lie in an empty folder of a root of which nothing is known
// yet: it may be the mount point of a disk that is not mounted. The folder is remembered, so that later runs leave
// its records alone, too, as long as it is empty and no person says that no disk belongs there.
func (s *scan) doubtEmptyFolders(ctx context.Context) error {
	for at, r := range s.roots {
		if r.known.Path != "" || r.disk == nil {
			continue
		}
		var mine []int // places in missing
		var files []string
		for i, m := range s.missing {
			if s.rootOf(m) == at {
				l, _ := s.where.Locate(m.text())
				mine, files = append(mine, i), append(files, l.File)
			}
		}
		empty, err := roots.EmptyFolders(ctx, r.tree(1), files)
		if err != nil {
			return err
		}
		for j, folder := range empty {
			recorded := s.sections[s.missing[mine[j]].section].folder
			if folder != "" && folder != "." && folder != recorded { // an empty root is doubted as a whole
				s.doubt(mine[j], r, folder)
			}
		}
	}
	s.missing = slices.DeleteFunc(s.missing, func(m missing) bool { return m.doubted })
	return nil
}

// doubt makes the file of one missing record unknown because of an empty folder.
func (s *scan) doubt(at int, r *root, folder string) {
	m := &s.missing[at]
	m.doubted = true
	c := s.sections[m.section]
	c.missing, c.unknown = c.missing-1, c.unknown+1
	if slices.Contains(r.emptied, folder) {
		return
	}
	r.emptied = append(r.emptied, folder)
	r.folders++
	if len(r.why) < tasks.SampleSize {
		r.why = append(r.why, fmt.Sprintf("%q is empty, and may be the mount point of a disk: mount its disk, or, if no "+
			"disk belongs there, accept the root with maint-job roots accept --no-mounts", folder))
	}
}
