package presence

import (
	"context"
	"fmt"

	"ucorefs.io/maintenance/pkg/roots"
)

// Texts are the roots as they are now, one string each: a listing of others is of no use.
func (s *Survey) Texts() (texts []string) {
	for i, r := range s.Roots {
		texts = append(texts, fmt.Sprintf("root %d %q %+v without %q, trouble %q", i, r.Path, r.Identity, r.elsewhere,
			r.Trouble))
	}
	return texts
}

// List lists the roots that are open, several folders of one at once, and gives the number of names in them.
func (s *Survey) List(ctx context.Context, l *roots.Listing, atOnce int, walked roots.Walked) (names int64, err error) {
	var trees []roots.Tree
	for _, r := range s.Roots {
		trees = append(trees, r.tree(atOnce))
	}
	indexes, err := l.Run(ctx, trees, walked)
	for i, x := range indexes {
		switch {
		case x == nil: // it is not open
		case x.Listed():
			s.Roots[i].index, names = x, names+int64(x.Names())
		default:
			s.Roots[i].Trouble = "cannot be listed: " + x.Failed()
		}
	}
	return names, err
}

// Judge counts the file of one record by its recorded path, and says what the listing knows of it. Where the listing
// lacks it, the section is where its Missing belongs.
func (s *Survey) Judge(recorded string) (v roots.Verdict, section int) {
	l, ok := s.placed.Add(recorded)
	if !ok {
		return roots.Unknown, 0
	}
	section = s.sectionOf(l)
	c, r := s.sections[section], s.Roots[l.Root]
	if r.index == nil {
		c.Unknown++
		return roots.Unknown, section
	}
	switch v = r.index.Judge(l.File); v {
	case roots.Alive:
		c.Alive++
		r.sawAlive(l.File)
	case roots.Unknown:
		c.Unknown++
		if roots.Garbled(l.File) {
			s.garbled++
		}
	case roots.Missing:
		c.Missing++
	}
	return v, section
}

// Hold adds to Missing, unless that has as many as most. Of those that it does not hold, it counts the due ones: the
// records that would go.
func (s *Survey) Hold(m Missing, most int, due bool) {
	if len(s.Missing) < most {
		s.Missing = append(s.Missing, m)
		return
	}
	c := s.sections[m.Section]
	c.Unheld++
	if due {
		c.UnheldDue++
	}
}

// EndJudging drops the listing, which is large, and keeps what it could not find out.
func (s *Survey) EndJudging() {
	for _, r := range s.Roots {
		if x := r.index; x != nil {
			r.folders, r.why, r.mounts = int64(x.Unknown()), x.Why, x.Mounts
		}
		r.index = nil
	}
}
