package roots

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Map says of each record alone is the oracle.
func FuzzNeighbour(f *testing.F) {
	f.Add("/library/2019/a.jpg", "/library/2019/b.jpg", "/library", "/mnt/photos", "/mnt/photos")
	f.Add("/mnt/photos/a.jpg", "/mnt/photos/inner", "/mnt/photos/inner", "/mnt/d", "/mnt/photos/inner/deep")
	f.Add("/mnt/photos/a.jpg", "/mnt/photos/inner", "/x", "/y", "/mnt/photos/inner")
	f.Add("/mnt/photos/cafe\u0301/a", "/mnt/photos/cafe\u0301/e\u0301", "/mnt/photos/caf\u00e9/\u00e9", "/mnt/d", "/mnt")
	f.Add(`D:\Photos/a`, `D:\Photos/b\c`, "D:/Photos", "/mnt/d", "/mnt/d")
	f.Add("/a/../b", "/a/../c", "/a", "/b", "/")
	f.Add("/a/b", "/a/..", "/a", "/mnt", "/mnt")
	f.Add("/a/b", "/a/", "/a", "/mnt", "/mnt")
	f.Fuzz(func(t *testing.T, first, second, from, to, root string) {
		p := NewPlacement([]string{from + "=" + to}, []string{root, "/mnt"}, nil)
		for _, recorded := range []string{first, second, first} {
			want, wantOK := p.Locate(recorded)
			got, ok := p.locate(recorded)
			if diff := cmp.Diff(want, got); ok != wantOK || diff != "" {
				t.Errorf("%q behind %q: %t, want %t (-want +got):\n%s", recorded, first, ok, wantOK, diff)
			}
		}
	})
}

func TestTheFilesOfAFolderAreLocatedByTheFirst(t *testing.T) {
	p := NewPlacement([]string{"/library=/mnt/photos"}, []string{"/mnt/photos"}, nil)
	p.Add("/library/2019/a.jpg")
	l, ok := p.near.locate("/library/2019/b.jpg")
	if want := (Location{Root: 0, Map: 0, File: "2019/b.jpg"}); !ok || l != want {
		t.Errorf("%+v, %t; want %+v", l, ok, want)
	}
	if l, ok := p.near.locate("/library/2020/b.jpg"); ok {
		t.Errorf("the file of another folder is at %+v", l)
	}
}
