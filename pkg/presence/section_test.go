package presence

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/roots"
)

// Whether missing files are believed to be missing follows from the figures alone. Each doubt was seen to be missed
// without its condition.
func TestMissingFilesAreDoubtedWhereAnotherReasonExplainsThem(t *testing.T) {
	missing, alive := Figures{Missing: 2}, Figures{Alive: 5}
	both := Figures{Alive: 5, Missing: 2}
	plain := sectionKey{pathMap: -1}
	for name, c := range map[string]struct {
		root     Root
		sections []section
		doubt    string // what is said of the first section; empty: its files are missing
	}{
		"a root with other files": {Root{}, []section{{sectionKey: plain, Figures: both}}, ""},
		"a root with no file": {Root{}, []section{{sectionKey: plain, Figures: missing}},
			"has none of the 2 recorded files"},
		"a root in trouble": {Root{State: roots.State{Trouble: "is another"}},
			[]section{{sectionKey: plain, Figures: both}}, "is another"},
		"an empty root that was accepted": {Root{accepted: true}, []section{{sectionKey: plain, Figures: missing}}, ""},
		"an accepted root with other files": {Root{accepted: true, met: 5}, []section{{sectionKey: plain, Figures: both}},
			""},
		"a folder that is a root by the library's records, with no file": {Root{}, []section{
			{sectionKey: sectionKey{pathMap: -1, folder: "disk"}, Figures: missing}, {sectionKey: plain, Figures: alive},
		}, `"disk" in root`},
		"such a folder, with a file that another path map leads to": {Root{}, []section{
			{sectionKey: sectionKey{pathMap: -1, folder: "disk"}, Figures: missing},
			{sectionKey: sectionKey{pathMap: 0, folder: "disk"}, Figures: alive},
		}, ""},
		"a path map that leads to no file": {Root{}, []section{
			{sectionKey: sectionKey{pathMap: 0}, Figures: missing}, {sectionKey: plain, Figures: alive},
		}, `the path map "/from=/to"`},
		"such a path map, into an empty root that was accepted": {Root{accepted: true}, []section{
			{sectionKey: sectionKey{pathMap: 0}, Figures: missing},
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Survey{Roots: []*Root{&c.root}, pathMaps: []string{"/from=/to"}, Missing: []Missing{{}, {}}}
			for i := range c.sections {
				s.sections = append(s.sections, &c.sections[i])
			}
			s.doubtSections()
			first := s.sections[0]
			if c.doubt == "" && first.doubt != "" || !strings.Contains(first.doubt, c.doubt) {
				t.Errorf("the doubt is %q, want %q", first.doubt, c.doubt)
			}
			if left := len(s.Missing); (left == 2) != (c.doubt == "") || int64(left) != first.Missing {
				t.Errorf("%d files are missing, and the section counts %+v", left, first.Figures)
			}
			if first.Missing+first.Unknown != 2 {
				t.Errorf("of 2 missing files, the section counts %+v", first.Figures)
			}
		})
	}
}
