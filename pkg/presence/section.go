package presence

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/roots"
)

// Figures count files.
type Figures struct {
	Alive, Missing, Unknown int64
	// Unheld are missing and more than Survey.Missing holds, UnheldDue those of them that are due.
	Unheld, UnheldDue int64
}

// Judged are the files of which something is known.
func (n Figures) Judged() int64 { return n.Alive + n.Missing }

// section is the files of one root that are located in the same way. If a disk is not mounted or a path map is
// wrong, every file of a section is missing.
type section struct {
	sectionKey
	Figures
	// doubt is why its missing files count as unknown; empty where they do not.
	doubt string
}

type sectionKey struct {
	root    int
	pathMap int    // the path map that leads there; -1: none
	folder  string // the folder of the root that the library records as a root of its own; empty: none
}

// sectionOf is the section of a path, by its place in sections.
func (s *Survey) sectionOf(l roots.Location) int {
	key := sectionKey{root: l.Root, pathMap: l.Map, folder: roots.Innermost(l.File, s.inner[l.Root])}
	if len(s.sections) > 0 && s.sections[s.last].sectionKey == key {
		return s.last // as a rule it is that of the path before
	}
	at, known := s.places[key]
	if !known {
		at = len(s.sections)
		s.places[key] = at
		s.sections = append(s.sections, &section{sectionKey: key})
	}
	s.last = at
	return at
}

// Figures are those of all roots.
func (s *Survey) Figures() Figures { return s.sum(func(*section) bool { return true }) }

// FiguresOf are those of one root.
func (s *Survey) FiguresOf(root int) Figures {
	return s.sum(func(c *section) bool { return c.root == root })
}

func (s *Survey) sum(of func(*section) bool) (n Figures) {
	for _, c := range s.sections {
		if of(c) {
			n.Alive += c.Alive
			n.Missing += c.Missing
			n.Unknown += c.Unknown
			n.Unheld += c.Unheld
			n.UnheldDue += c.UnheldDue
		}
	}
	return n
}

// doubtSections makes missing files unknown in each section without a living file, and in roots that are in trouble.
// It is pure: it looks at the figures alone.
func (s *Survey) doubtSections() {
	for i, r := range s.Roots {
		if n := s.FiguresOf(i); r.Trouble == "" && !r.isBare() && n.Alive == 0 && n.Missing+n.Unknown > 0 {
			r.Trouble = fmt.Sprintf("has none of the %d recorded files", n.Missing+n.Unknown)
		}
	}
	for _, c := range s.sections {
		if c.doubt = s.doubtOf(c); c.doubt != "" {
			c.Figures = Figures{Alive: c.Alive, Unknown: c.Unknown + c.Missing}
		}
	}
	s.Missing = slices.DeleteFunc(s.Missing, func(m Missing) bool { return s.sections[m.Section].doubt != "" })
}

func (s *Survey) doubtOf(c *section) string {
	root := s.Roots[c.root]
	folder := s.sum(func(o *section) bool { return o.root == c.root && o.folder == c.folder })
	pathMap := s.sum(func(o *section) bool { return o.pathMap == c.pathMap })
	switch {
	case root.Trouble != "":
		return root.Trouble
	case c.Missing > 0 && c.folder != "" && folder.Alive == 0:
		return fmt.Sprintf("%q in root %q is a root by the library's own records and has none of %d recorded files: mount "+
			"its disk",
			c.folder, root.Path, c.Missing+c.Unknown)
	case c.Missing > 0 && c.pathMap >= 0 && pathMap.Alive == 0 && !root.isBare():
		return fmt.Sprintf("none of the %d files exists to which the path map %q leads: correct it, or mount the disk",
			c.Missing+c.Unknown, s.pathMaps[c.pathMap])
	}
	return ""
}
