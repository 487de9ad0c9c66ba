// Package presence judges which recorded files are on disk, in all roots of a library at once. It finds the roots,
// opens those that are what they were, and compares each recorded path with what lies in its root. What looks missing
// counts as unknown as soon as something else explains it: a disk that is not mounted, a path map that is wrong, or a
// folder that could not be listed. pkg/roots has the verdict on a single root and on a single file.
//
// The package must not know the database, nor decide what becomes of a record whose file is missing: when it may go,
// how many may, and whether the run is refused is the task's plan. It changes nothing on disk but the marker of a root.
//
// A Survey is used in this order: New, Enter, List, Judge for each path, EndJudging, Recheck, Close.
package presence

import (
	"path"
	"slices"
	"time"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/roots"
)

// Disk is an open library root; files.Library is one.
type Disk interface {
	roots.Folder
	Mark(id string) (string, error)
	Close() error
}

// Open opens a library root.
type Open func(folder string) (Disk, error)

// Library is what is known of the roots before anybody looks at them.
type Library struct {
	Given    []string // the roots that somebody named; none: those of Recorded that exist here
	Recorded []string // the roots that the library itself records, as it spells them
	PathMaps []string // each "from=to"
	Known    map[string]roots.Known
}

// Survey is the roots of a library, and what became of the files that are recorded in them.
type Survey struct {
	Roots    []*Root
	Recorded bool     // the roots are those that the library records
	Absent   []string // recorded roots that do not exist here
	// Missing are the records whose file complete listings lack; after Recheck, two looks at each and the disk.
	Missing []Missing

	placed   *roots.Placement // of all paths that were judged
	pathMaps []string
	inner    [][]string // in each root, the folders that the library records as roots of their own
	sections []*section
	places   map[sectionKey]int // of the sections
	last     int                // the section of the path before
	garbled  int64              // paths that are not those on disk
}

// Missing is a record whose file is missing.
type Missing struct {
	Record  bsonvalue.ID
	Path    string    // as it is recorded
	Section int       // as Judge gave it
	Noted   time.Time // when an earlier run noted it; zero: none did
}

// Target is the record.
func (m Missing) Target() bsonvalue.ID { return m.Record }

// New finds the roots.
func New(l Library) *Survey {
	s := &Survey{Recorded: len(l.Given) == 0, pathMaps: l.PathMaps, places: map[sectionKey]int{}}
	var paths []string
	for _, p := range l.Given {
		if p = path.Clean(p); !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	if s.Recorded {
		paths, s.Absent = roots.NewMap(l.PathMaps, nil).Here(l.Recorded, l.Known, files.Exists)
	}
	s.placed, s.inner = roots.NewPlacement(l.PathMaps, paths, l.Recorded), make([][]string, len(paths))
	for i, p := range paths {
		s.Roots = append(s.Roots, &Root{State: roots.State{Path: p}, known: l.Known[p], elsewhere: s.placed.Nested(i)})
	}
	for _, p := range l.Recorded {
		if at, ok := s.placed.Locate(p); ok {
			s.inner[at.Root] = append(s.inner[at.Root], at.File)
		}
	}
	return s
}
