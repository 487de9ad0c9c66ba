package roots

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestARecordedPathFindsItsRoot(t *testing.T) {
	roots := []string{"/mnt/photos", "/mnt/photos/inner", "/data/caf\u00e9", "/mnt/d"}
	maps := []string{"/library=/mnt/photos", "/library/special/=/mnt/d/", "D:/Photos=/mnt/d", `E:\Fotos=/mnt/photos`,
		"F:=/mnt/d", "/with=equal=/mnt/d", "/out=/elsewhere"}
	m := NewMap(maps, roots)
	for name, c := range map[string]struct {
		recorded, below string
		root            int // -1: none
	}{
		"a path below a root":                  {"/mnt/photos/2019/a.jpg", "2019/a.jpg", 0},
		"a path below a root in a root":        {"/mnt/photos/inner/a.jpg", "a.jpg", 1},
		"a root whose name begins like it":     {"/mnt/photos2/a.jpg", "", -1},
		"a mapped path":                        {"/library/2019/a.jpg", "2019/a.jpg", 0},
		"a mapped path into a root in a root":  {"/library/inner/a.jpg", "a.jpg", 1},
		"the longest map":                      {"/library/special/a.jpg", "a.jpg", 3},
		"a map is a folder, not a beginning":   {"/library2/a.jpg", "", -1},
		"a map that leads out of every root":   {"/out/a.jpg", "", -1},
		"what follows the first = is the goal": {"/with/a.jpg", "", -1},
		"a Windows drive":                      {"D:/Photos/2019/a.jpg", "2019/a.jpg", 3},
		"a backslash in a name on a drive":     {`D:/Photos/back\slash.jpg`, `back\slash.jpg`, 3},
		"Windows separators":                   {`D:\Photos\2019\a.jpg`, "2019/a.jpg", 3},
		"a map in Windows separators":          {`E:\Fotos\a.jpg`, "a.jpg", 0},
		"a drive as a whole":                   {"F:/a.jpg", "a.jpg", 3},
		"a drive that is not mapped":           {"C:/Photos/a.jpg", "", -1},
		"a name with a line break":             {"/library/line\nbreak.jpg", "line\nbreak.jpg", 0},
		"a name that begins with dots":         {"/library/..two/...", "..two/...", 0},
		"the root in the other Unicode form":   {"/data/cafe\u0301/a.jpg", "a.jpg", 2},
		"a name in the other Unicode form":     {"/mnt/photos/cafe\u0301/e\u0301.jpg", "cafe\u0301/e\u0301.jpg", 0},
		"a mapped one":                         {"/library/cafe\u0301/e\u0301.jpg", "cafe\u0301/e\u0301.jpg", 0},
		"the root itself":                      {"/mnt/photos", "", -1},
		"the root with a slash":                {"/mnt/photos/", "", -1},
		"a path that leads up":                 {"/mnt/photos/../etc/passwd", "", -1},
		"a path that leads up at its end":      {"/mnt/photos/a/..", "", -1},
		"a path with an empty part":            {"/mnt/photos//a.jpg", "", -1},
		"a path with a dot part":               {"/mnt/photos/./a.jpg", "", -1},
		"a folder's path":                      {"/mnt/photos/a/", "", -1},
		"a name that no disk can hold":         {"/mnt/photos/a\x00b", "", -1},
		"a relative path":                      {"photos/a.jpg", "", -1},
		"nothing":                              {"", "", -1},
	} {
		t.Run(name, func(t *testing.T) {
			l, ok := m.Locate(c.recorded)
			if ok != (c.root >= 0) || ok && (l.Root != c.root || l.File != c.below) {
				t.Errorf("%q: %+v, %v", c.recorded, l, ok)
			}
		})
	}
}

func TestTheWholeFileSystemMayBeARootAndAMap(t *testing.T) {
	if l, ok := NewMap(nil, []string{"/"}).Locate("/a/b"); !ok || l != (Location{Root: 0, Map: -1, File: "a/b"}) {
		t.Errorf("%+v %v", l, ok)
	}
	if l, ok := NewMap([]string{"/=/mnt"}, []string{"/mnt"}).Locate("/a/b"); !ok || l != (Location{File: "a/b"}) {
		t.Errorf("%+v %v", l, ok)
	}
}

func TestALocationNamesItsPathMapByItsPlaceInTheList(t *testing.T) {
	m := NewMap([]string{"/a=/mnt/a", "/a/longer=/mnt"}, []string{"/mnt"})
	for recorded, want := range map[string]Location{
		"/a/x": {Map: 0, File: "a/x"}, "/a/longer/x": {Map: 1, File: "x"}, "/mnt/x": {Map: -1, File: "x"},
		"/a": {Map: 0, File: "a"},
	} {
		if l, ok := m.Locate(recorded); !ok || l != want {
			t.Errorf("%q: %+v, %v; want %+v", recorded, l, ok, want)
		}
	}
}

func TestARecordedFolderLiesWhereThePathMapsSay(t *testing.T) {
	m := NewMap([]string{"D:/Photos=/mnt/caf\u00e9/", "/=/mnt"}, nil)
	for recorded, want := range map[string]string{
		`D:\Photos`: "/mnt/caf\u00e9", "D:/Photos/": "/mnt/caf\u00e9", "D:/Photos/e\u0301": "/mnt/caf\u00e9/e\u0301",
		"/a": "/mnt/a", "/": "/mnt",
		"E:/Photos": "E:/Photos", "": "",
	} {
		if got := m.OnDisk(recorded); got != want {
			t.Errorf("%q: %q, want %q", recorded, got, want)
		}
	}
	if got := NewMap(nil, nil).OnDisk("/"); got != "/" {
		t.Errorf("the root of the file system: %q", got)
	}
}

func TestARootKnowsTheRootsInIt(t *testing.T) {
	m := NewMap(nil, []string{"/a", "/a/b", "/a/b/c", "/ab"})
	for at, want := range [][]string{{"b/c", "b"}, {"c"}, nil, nil} {
		if got := m.Nested(at); !slices.Equal(got, want) {
			t.Errorf("root %d: %q, want %q", at, got, want)
		}
	}
}

func TestARecordedRootIsHereIfItExistsOrWasKnown(t *testing.T) {
	exists := func(folder string) bool { return slices.Contains([]string{"/here", "/mnt/d", "relative"}, folder) }
	known := map[string]Known{"/was": {Path: "/was"}}
	for name, c := range map[string]struct{ recorded, here, absent []string }{
		"it exists":                       {[]string{"/here"}, []string{"/here"}, nil},
		"an earlier run knew it":          {[]string{"/was/"}, []string{"/was"}, nil},
		"a path map leads to it":          {[]string{`D:\Photos`}, []string{"/mnt/d"}, nil},
		"it is recorded in two ways":      {[]string{"/here", "D:/Photos", "/here/"}, []string{"/here", "/mnt/d"}, nil},
		"nothing is there, and never was": {[]string{"/gone"}, nil, []string{"/gone"}},
		"it is no absolute path": {[]string{"relative", "E:/Photos", ""}, nil, []string{"relative", "E:/Photos",
			""}},
	} {
		t.Run(name, func(t *testing.T) {
			here, absent := NewMap([]string{"D:/Photos=/mnt/d"}, nil).Here(c.recorded, known, exists)
			if diff := cmp.Diff([][]string{c.here, c.absent}, [][]string{here, absent}); diff != "" {
				t.Errorf("here and absent (-want +got):\n%s", diff)
			}
		})
	}
}
