package cleanuporphanedfilerecords

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/report"
)

// Seen to fail when such a run had succeeded: only a warning said that nothing, or a part, was checked, or none did.
func TestARunWhoseRootsOrPathMapsMatchNoRecordIsPartial(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(l *lab)
		message string
		left    string
	}{
		"a wrong root": {func(l *lab) { l.o.PathMaps = nil },
			"no record was checked; no record lies in the library root", "a b gone"},
		"a path map that matches nothing": {func(l *lab) { l.o.PathMaps = append(l.o.PathMaps, "D:/Fotos="+l.on("f")) },
			`matches no record: write the beginning of recorded paths instead of "D:/Fotos"`, "a b"},
		"a path map that leads out of the root": {func(l *lab) {
			l.record("archive/x", "archive/y")
			l.o.PathMaps = append(l.o.PathMaps, recorded+"/archive=/elsewhere")
		}, "leads 2 records to no library root", "a archive/x archive/y b"},
		"one root too many": {func(l *lab) { l.o.LibraryRoots = append(l.o.LibraryRoots, t.TempDir()) },
			"and all lie in others", "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			l := fearless(t)
			l.keep("a", "b")
			l.record("gone")
			c.change(l)
			l.o.DryRun = true
			planned := l.run()
			l.expect(planned, report.Partial, report.ReasonPathsMismatch, l.ids())
			l.o.DryRun = false
			r := l.run()
			l.expect(r, report.Partial, report.ReasonPathsMismatch, c.left)
			if !strings.Contains(r.Message, c.message) || !strings.Contains(strings.Join(r.Warnings, "\n"),
				strings.TrimPrefix(c.message, "no record was checked; ")) {
				t.Errorf("the message is %q, the warnings are %q", r.Message, r.Warnings)
			}
		})
	}
}

// A schedule may mount one of two disks, and an inbox may be empty.
func TestARunWithAPartOfTheRecordedRootsSucceeds(t *testing.T) {
	for name, change := range map[string]func(l *lab){
		"a disk that is not mounted here": func(l *lab) { l.recordRoot(recorded + "2"); l.recordRoot(recorded) },
		"an inbox without records": func(l *lab) {
			l.mkdir("in")
			l.recordRoot(recorded + "2")
			l.recordRoot(recorded + "/in")
			l.o.LibraryRoots = append(l.o.LibraryRoots, l.on("in"))
		},
		"a library without recorded roots": func(*lab) {},
	} {
		t.Run(name, func(t *testing.T) {
			l := fearless(t)
			l.keep("a")
			for _, id := range []string{"x", "y"} {
				l.recordAt(id, recorded+"2/"+id)
			}
			change(l)
			r := l.run()
			l.expect(r, report.Succeeded, "", "a x y")
			if says := `2 records lie in no library root and were not judged, such as "` + recorded +
				`2/x"`; !strings.Contains(strings.Join(r.Warnings, "\n"), says) {
				t.Errorf("warnings %q", r.Warnings)
			}
		})
	}
}
