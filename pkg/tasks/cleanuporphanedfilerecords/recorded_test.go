package cleanuporphanedfilerecords

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/report"
)

// recordRoot inserts the record of a directory that the library calls a root.
func (l *lab) recordRoot(path string) {
	l.t.Helper()
	l.insert("directory_records", bson.D{{Key: "_id", Value: path}, {Key: "path", Value: path},
		{Key: "is_root", Value: true}})
}

func TestWithoutALibraryRootThoseThatTheLibraryRecordsAreJudged(t *testing.T) {
	l := fearless(t)
	l.o.LibraryRoots = nil
	l.keep("one/a", "one/b", "two/c")
	l.recordRoot(recorded + "/one")
	l.recordRoot(recorded + "/two/")
	l.recordRoot("D:/Photos")
	l.insert("directory_records", bson.D{{Key: "_id", Value: "folder"}, {Key: "path", Value: recorded + "/none"},
		{Key: "is_root", Value: false}})
	l.record("not/here/x")
	l.recordRoot(recorded + "/not/here")
	l.remove("one/b")
	r := l.run()
	l.expect(r, report.Succeeded, "", "one/a two/c not/here/x")
	if says := "the roots are those of the library's own records: " + l.on("one") + ", " +
		l.on("two"); !strings.Contains(r.Message, says) {
		t.Errorf("the message is %q", r.Message)
	}
	for _, absent := range []string{"D:/Photos", recorded + "/not/here"} {
		says := fmt.Sprintf("the root %q of the library's own records does not exist here", absent)
		if !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.HasPrefix(w, says) }) {
			t.Errorf("nothing says that %q is absent: %q", absent, r.Warnings)
		}
	}
}

// Seen to fail when a recorded root that is not there was nothing but absent: as some systems remove the mount point
// with the disk.
func TestARecordedRootThatWasHereAndIsNotIsInTrouble(t *testing.T) {
	l := fearless(t)
	l.o.LibraryRoots = nil
	l.keep("one/a", "two/c", "two/d")
	l.recordRoot(recorded + "/one")
	l.recordRoot(recorded + "/two")
	l.settle()
	l.remove("two")
	l.expect(l.run(), report.Partial, report.ReasonRootNotMounted, "one/a two/c two/d")
}

func TestWithoutAnyRootTheRunSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		layout librarytest.Layout
		record []string
		says   string
	}{
		"none is recorded": {librarytest.UCoreFS, nil,
			"the library records none: name each folder that holds files with --library-root"},
		"the layout records no roots": {librarytest.Web, []string{recorded}, "the library records none"},
		"those recorded are not here": {librarytest.UCoreFS, []string{"D:/Photos", "/nowhere"},
			"none of those that the library records exists here (/nowhere, D:/Photos)"},
		"what is recorded is no path":  {librarytest.UCoreFS, []string{""}, "the library records none"},
		"what is recorded is relative": {librarytest.UCoreFS, []string{"."}, "exists here (.)"},
	} {
		t.Run(name, func(t *testing.T) {
			l := fearless(t)
			l.layout, l.o.LibraryRoots = c.layout, nil
			l.keep("a")
			for _, path := range c.record {
				l.recordRoot(path)
			}
			r := l.run()
			l.expect(r, report.Failed, report.ReasonConfiguration, "a")
			if !strings.Contains(r.Message, c.says) {
				t.Errorf("the message is %q", r.Message)
			}
		})
	}
}

// The folder is an empty mount point that no run has seen mounted. Seen to fail when only the root as a whole was
// doubted.
func TestARecordedRootBelowTheRootOfWhichEveryFileIsMissingIsUnknown(t *testing.T) {
	for name, empty := range map[string]func(l *lab){
		"its folder is empty": func(l *lab) { l.mkdir("usb") },
		"its folder is gone":  func(*lab) {},
	} {
		t.Run(name, func(t *testing.T) {
			l := fearless(t)
			l.keep("a", "2019/b")
			l.record("gone", "2019/gone", "usb/a", "usb/2019/b", "usb/2019/c")
			l.recordRoot(recorded)
			l.recordRoot(recorded + "/usb")
			empty(l)
			r := l.run()
			l.expect(r, report.Partial, report.ReasonDirectoriesUnknown, "a 2019/b usb/a usb/2019/b usb/2019/c")
			if says := `"usb" in root `; r.Counts["directoriesUnknown"] != 1 || r.Counts["recordsMissing"] != 2 ||
				!strings.Contains(fmt.Sprint(r.Warnings), says) {
				t.Errorf("counts %v, warnings %q", r.Counts, r.Warnings)
			}
			l.write("usb/a") // the disk comes, and two files on it are gone
			l.expect(l.run(), report.Succeeded, "", "a 2019/b usb/a")
		})
	}
}

// Seen to fail when a path map did not matter.
func TestAPathMapBelowWhichNothingIsAliveIsUnknown(t *testing.T) {
	l := fearless(t)
	l.keep("a", "b")
	l.o.PathMaps = append(l.o.PathMaps, "E:/Fotos="+l.on("old"))
	for _, name := range []string{"x", "y/z"} {
		l.insert("file_records", bson.D{{Key: "_id", Value: "E:/" + name}, {Key: "path", Value: "E:/Fotos/" + name}})
	}
	l.remove("b")
	r := l.run()
	l.expect(r, report.Partial, report.ReasonDirectoriesUnknown, "a E:/x E:/y/z")
	if says := fmt.Sprintf("none of the 2 files exists to which the path map %q leads",
		l.o.PathMaps[1]); !strings.Contains(fmt.Sprint(r.Warnings), says) {
		t.Errorf("warnings %q", r.Warnings)
	}
	l.write("old/x")
	l.expect(l.run(), report.Succeeded, "", "a E:/x")
}

func TestNotesStayWhileWhatTheyAreAboutIsDoubted(t *testing.T) {
	l := newLab(t)
	l.crowd()
	l.keep("usb/a", "usb/b")
	l.recordRoot(recorded + "/usb")
	l.settle()
	l.remove("usb/b")
	l.run()
	l.remove("usb/a")
	l.now = l.now.Add(8 * day)
	if l.run(); l.others() != "usb/a usb/b" || l.notes() != "usb/b" {
		t.Errorf("records %q, notes %q", l.others(), l.notes())
	}
}
