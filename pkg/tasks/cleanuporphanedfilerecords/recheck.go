package cleanuporphanedfilerecords

import (
	"context"
	"path"

	"ucorefs.io/maintenance/pkg/roots"
)

// recheck keeps of the missing ones those that a second, exact look does not find either.
func (s *scan) recheck(ctx context.Context) error {
	verdicts, err := s.verify(ctx, s.missing, s.roots)
	if err != nil {
		return err
	}
	still := s.missing[:0]
	for i, m := range s.missing {
		c, r := s.sections[m.section], s.roots[s.rootOf(m)]
		l, _ := s.where.Locate(m.text())
		switch verdicts[i] {
		case roots.Missing:
			still = append(still, m)
			continue
		case roots.Alive:
			c.alive++
			r.sawAlive(l.File)
			s.forget(m.id)
		case roots.Unknown:
			c.unknown++
			r.lost(path.Dir(l.File))
		}
		c.missing--
	}
	s.missing = still
	return nil
}

// verify judges missing records once more, by fresh listings and by asking the disk. In a root that is not open they
// are Unknown.
func (f *facts) verify(ctx context.Context, list []missing, in []*root) ([]roots.Verdict, error) {
	verdicts := make([]roots.Verdict, len(list))
	for at, r := range in {
		if r.disk == nil {
			continue
		}
		var files []string
		var of []int // the place in list of each file
		for i, m := range list {
			if f.rootOf(m) == at {
				l, _ := f.where.Locate(m.text())
				files, of = append(files, l.File), append(of, i)
			}
		}
		found, err := roots.Look(ctx, r.tree(), files)
		if err != nil {
			return nil, err
		}
		for j, v := range found {
			verdicts[of[j]] = v
		}
	}
	return verdicts, nil
}
