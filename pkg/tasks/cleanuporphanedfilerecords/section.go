package cleanuporphanedfilerecords

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/roots"
)

// figures count records of files.
type figures struct {
	alive, missing, unknown int64
	// unheld are missing and more than a run holds, unheldDue those of them whose time has come.
	unheld, unheldDue int64
}

// judged are the records of which something is known.
func (n figures) judged() int64 { return n.alive + n.missing }

// section is the records of one root that are located in the same way. If a disk is not mounted or a path map is
// wrong, every file of a section is missing.
type section struct {
	sectionKey
	figures
	// doubt is why its missing files count as unknown; empty where they do not.
	doubt string
}

type sectionKey struct {
	root    int
	pathMap int    // the path map that leads there; -1: none
	folder  string // the folder of the root that the library records as a root of its own; empty: none
}

// sectionOf is the section of a record, by its place in sections.
func (s *scan) sectionOf(l roots.Location) int {
	key := sectionKey{root: l.Root, pathMap: l.Map, folder: roots.Innermost(l.File, s.inner[l.Root])}
	if len(s.sections) > 0 && s.sections[s.last].sectionKey == key {
		return s.last // as a rule it is that of the record before
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

// figuresOf are those of a root.
func (f *facts) figuresOf(root int) figures {
	return f.sum(func(c *section) bool { return c.root == root })
}

func (f *facts) sum(of func(*section) bool) (n figures) {
	for _, c := range f.sections {
		if of(c) {
			n.alive += c.alive
			n.missing += c.missing
			n.unknown += c.unknown
			n.unheld += c.unheld
			n.unheldDue += c.unheldDue
		}
	}
	return n
}

// disbelieve makes missing files unknown in each section without a living file, and in roots that are in trouble.
func (f *facts) disbelieve() {
	for i, r := range f.roots {
		if n := f.figuresOf(i); r.Trouble == "" && !r.isBare() && n.alive == 0 && n.missing+n.unknown > 0 {
			r.Trouble = fmt.Sprintf("has none of the %d recorded files", n.missing+n.unknown)
		}
	}
	for _, c := range f.sections {
		if c.doubt = f.doubtOf(c); c.doubt != "" {
			c.figures = figures{alive: c.alive, unknown: c.unknown + c.missing}
		}
	}
	f.missing = slices.DeleteFunc(f.missing, func(m missing) bool { return f.sections[m.section].doubt != "" })
}

func (f *facts) doubtOf(c *section) string {
	root := f.roots[c.root]
	folder := f.sum(func(o *section) bool { return o.root == c.root && o.folder == c.folder })
	pathMap := f.sum(func(o *section) bool { return o.pathMap == c.pathMap })
	switch {
	case root.Trouble != "":
		return root.Trouble
	case c.missing > 0 && c.folder != "" && folder.alive == 0:
		return fmt.Sprintf("%q in root %q is a root by the library's own records and has none of %d recorded files: mount its disk",
			c.folder, root.Path, c.missing+c.unknown)
	case c.missing > 0 && c.pathMap >= 0 && pathMap.alive == 0 && !root.isBare():
		return fmt.Sprintf("none of the %d files exists to which the path map %q leads: correct it, or mount the disk",
			c.missing+c.unknown, f.pathMaps[c.pathMap])
	}
	return ""
}
