package roots

import (
	"slices"
	"testing"
)

func TestARecordedPathFindsItsRoot(t *testing.T) {
	roots := []string{"/mnt/photos", "/mnt/photos/inner", "/data/caf\u00e9", "/mnt/d"}
	maps := []string{"/library=/mnt/photos", "/library/special/=/mnt/d/", "D:/Photos=/mnt/d", `E:\Fotos=/mnt/photos`, "F:=/mnt/d", "/with=equal=/mnt/d", "/out=/elsewhere"}
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
			root, below, ok := m.Locate(c.recorded)
			if ok != (c.root >= 0) || ok && (root != c.root || below != c.below) {
				t.Errorf("%q: root %d, %q, %v", c.recorded, root, below, ok)
			}
		})
	}
}

func TestTheWholeFileSystemMayBeARootAndAMap(t *testing.T) {
	if root, below, ok := NewMap(nil, []string{"/"}).Locate("/a/b"); !ok || root != 0 || below != "a/b" {
		t.Errorf("%d %q %v", root, below, ok)
	}
	if root, below, ok := NewMap([]string{"/=/mnt"}, []string{"/mnt"}).Locate("/a/b"); !ok || root != 0 || below != "a/b" {
		t.Errorf("%d %q %v", root, below, ok)
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
