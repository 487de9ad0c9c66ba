package bench_test

import (
	"os"
	"path"
	"path/filepath"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// putOnDisk makes every file of the library, empty, below a root of the test's own.
func (s *shelf) putOnDisk(tb testing.TB) {
	tb.Helper()
	root := tb.TempDir()
	for i := range s.files {
		_, folder, name := s.place(i)
		if i%filesInFolder == 0 {
			if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
				tb.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(root, folder, name), nil, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	s.options.LibraryRoots, s.options.PathMaps = []string{root}, []string{recorded + "=" + root}
}

// bareWalk lists every folder of the library on disk, and does nothing with the names.
func (s *shelf) bareWalk(tb testing.TB) {
	tb.Helper()
	l, err := files.OpenLibrary(s.options.LibraryRoots[0])
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	names := 0
	for pending := []string{"."}; len(pending) > 0; {
		folder := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		err := l.List(folder, func(name string, isFolder bool) {
			if names++; isFolder {
				pending = append(pending, path.Join(folder, name))
			}
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	if names < s.files {
		tb.Fatalf("%d names on disk, of %d files", names, s.files)
	}
}
