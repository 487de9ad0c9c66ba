package roots

import (
	"strings"
	"testing"
)

func TestRootsAndPathMapsThatMatchNoRecordAreFound(t *testing.T) {
	nobody := func(int) bool { return false }
	for name, c := range map[string]struct {
		pathMaps, roots, recorded, paths []string
		except                           func(int) bool
		says                             []string // the beginning of each sentence
	}{
		"all match": {[]string{"D:/F=/mnt/f"}, []string{"/mnt/f", "/mnt/g"}, nil, []string{"D:/F/a", "/mnt/g/b"}, nobody,
			nil},
		"a root that holds nothing": {nil, []string{"/mnt/f"}, nil, []string{"/lib/b", "/lib/a"}, nobody,
			[]string{`no record lies in the library root "/mnt/f": name the folder that has the library's files, or write --path-map=RECORDED=/mnt/f`}},
		"one more root than needed": {nil, []string{"/lib", "/mnt/f"}, nil, []string{"/lib/b"}, nobody,
			[]string{`no record lies in the library root "/mnt/f", and all lie in others`}},
		"a path map that matches nothing": {[]string{"/lib=/mnt/f", "D:/F=/mnt/f"}, []string{"/mnt/f"}, nil,
			[]string{"/lib/a"}, nobody,
			[]string{`the path map "D:/F=/mnt/f" matches no record: write the beginning of recorded paths instead of "D:/F"`}},
		"a path map that leads out of all roots": {[]string{"/lib/a=/elsewhere"}, []string{"/lib"}, nil,
			[]string{"/lib/a/1", "/lib/a/2", "/lib/b/3"}, nobody,
			[]string{`the path map "/lib/a=/elsewhere" leads 2 records to no library root: name "/elsewhere"`}},
		"a path map that leads out, of a recorded root": {[]string{"/lib/a=/elsewhere"}, []string{"/lib"}, []string{"/lib/a"},
			[]string{"/lib/a/1", "/lib/b/3"}, nobody,
			[]string{`the path map "/lib/a=/elsewhere" leads 1 records`}},
		"a path map that leads some out": {[]string{"D:=/mnt"}, []string{"/mnt/f"}, nil,
			[]string{"D:/f/1", "D:/g/2"}, nobody, nil},
		"a root of which the caller knows why": {nil, []string{"/lib", "/mnt/f"}, nil, []string{"/lib/b"},
			func(i int) bool { return i == 1 }, nil},
		"a root around another": {nil, []string{"/lib", "/lib/f"}, nil, []string{"/lib/f/a"}, nobody,
			nil},
		"an empty root that the library records": {[]string{"D:/In=/mnt/in"}, []string{"/lib", "/mnt/in"},
			[]string{"/lib", `D:\In`}, []string{"/lib/a"}, nobody, nil},
		"an empty root around one that is recorded": {nil, []string{"/lib", "/mnt"}, []string{"/mnt/in/"},
			[]string{"/lib/a"}, nobody, nil},
		"a library without records": {[]string{"D:/F=/mnt/f"}, []string{"/mnt/f"}, nil, nil, nobody, nil},
		"a disk that is absent on purpose": {nil, []string{"/a"}, []string{"/a", "/b"},
			[]string{"/a/1", "/b/2", "/b/3"}, nobody, nil},
		"a disk, and the library records no roots": {nil, []string{"/a"}, nil, []string{"/a/1", "/b/2", "/b/3"}, nobody,
			nil},
		"a few records that lie in no recorded root": {nil, []string{"/a"}, []string{"/a"}, []string{"/a/1", "/a/2", "/b/3",
			"/a/../4"}, nobody, nil},
		"most of the records lie in no recorded root": {nil, []string{"/a"}, []string{"/a"}, []string{"/a/1", "/b/3", "/b/2"},
			nobody, []string{`most records, 2 of 3, lie in no library root and in none that the library records, such as "/b/2"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewPlacement(c.pathMaps, c.roots, c.recorded)
			for _, path := range c.paths {
				p.Add(path)
			}
			got := p.Mismatches(c.except)
			if len(got) != len(c.says) {
				t.Fatalf("it says %q, want %q", got, c.says)
			}
			for i, says := range c.says {
				if !strings.HasPrefix(got[i], says) {
					t.Errorf("it says %q, want %q", got[i], says)
				}
			}
		})
	}
}
