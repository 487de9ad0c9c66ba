package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"path"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
)

// lookAgain keeps of the missing ones those that a second, exact look does not find either.
func (s *scan) lookAgain(ctx context.Context, open []openLibrary) error {
	verdicts, err := lookFor(ctx, s.facts, s.missing, open)
	if err != nil {
		return err
	}
	still := s.missing[:0]
	for i, m := range s.missing {
		r := s.roots[m.root]
		switch verdicts[i] {
		case roots.Missing:
			still = append(still, m)
			continue
		case roots.Alive:
			r.alive++
			s.forget(m.id)
		case roots.Unknown:
			_, file, _ := s.where.Locate(m.text())
			r.lost(path.Dir(file))
		}
		r.missing--
	}
	s.missing = still
	return nil
}

// lost counts a record whose file could not be looked for again, and the folder that it lies in.
func (r *root) lost(folder string) {
	r.unknown++
	if r.again[folder] {
		return
	}
	if r.again == nil {
		r.again = map[string]bool{}
	}
	r.again[folder] = true
	r.folders++
	if len(r.why) < sampleSize {
		r.why = append(r.why, fmt.Sprintf("%q could not be listed again", folder))
	}
}

// lookFor judges missing records once more, by fresh listings.
func lookFor(ctx context.Context, f *facts, list []missing, open []openLibrary) ([]roots.Verdict, error) {
	verdicts := make([]roots.Verdict, len(list))
	for at, r := range f.roots {
		var files []string
		var of []int // the place in list of each file
		for i, m := range list {
			if m.root == at {
				_, file, _ := f.where.Locate(m.text())
				files, of = append(files, file), append(of, i)
			}
		}
		found, err := roots.Look(ctx, r.tree(open[at]), files)
		if err != nil {
			return nil, err
		}
		for j, v := range found {
			verdicts[of[j]] = v
		}
	}
	return verdicts, nil
}

// forget makes a note stale, if there is one.
func (s *scan) forget(id mongodb.ID) {
	if n, noted := s.notes.At(id); noted {
		n.met = false
		s.notes.Put(id, n)
	}
}

// endNotes finds the notes that are not true any more: of files that came back, and of records that are gone.
func (s *scan) endNotes() {
	for id, n := range s.notes.All() {
		if !n.met {
			s.stale = append(s.stale, id)
		}
	}
	s.notes = mongodb.IDMap[note]{}
}
