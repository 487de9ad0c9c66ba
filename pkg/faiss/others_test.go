package faiss

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/faisstest"
)

// Must fail when every folder with a number for a name was a generation: the first was emptied, the others made the
// number of the next one.
func TestAFolderThatAPersonMadeStays(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	mustFill(t, f, vectors(t, 1, 4, 2))
	generations := filepath.Join(dir, "clip.generations")
	folders := []string{"20250101", "20250102", "20250103", "00000002"}
	for i, folder := range folders {
		if err := os.Mkdir(filepath.Join(generations, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if i == 1 { // a person's copy of a generation
			copyFiles(t, filepath.Join(generations, "00000001"), filepath.Join(generations, folder))
			continue
		}
		name := []string{"notes.txt", "", "clip.ids", "clip.faiss"}[i]
		if err := os.WriteFile(filepath.Join(generations, folder, name), []byte("a person's"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(3) {
		mustFill(t, f, vectors(t, i+2, 4, 2))
	}
	want := append([]string{"00000004", "00000005", "current"}, folders...)
	slices.Sort(want)
	if diff := cmp.Diff(want, names(t, generations)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, folder := range folders {
		if len(names(t, filepath.Join(generations, folder))) == 0 {
			t.Errorf("%s was emptied", folder)
		}
	}
}

func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range names(t, from) {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Must fail when the folder temporary was emptied whatever it was.
func TestWhatIsMountedWhereAGenerationIsBuiltStays(t *testing.T) {
	for name, mount := range map[string]func(t *testing.T, at string){
		"another file system": func(t *testing.T, at string) { mounted(t, faisstest.SmallFolder(t, 1<<20), at) },
		"the same one":        func(t *testing.T, at string) { mounted(t, t.TempDir(), at) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := open(t, dir)
			mustFill(t, f, vectors(t, 1, 4, 2))
			at := filepath.Join(dir, "clip.generations", "temporary")
			if err := os.Mkdir(at, 0o755); err != nil {
				t.Fatal(err)
			}
			mount(t, at)
			photo := filepath.Join(at, "photo.jpg")
			if err := os.WriteFile(photo, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := fill(f, vectors(t, 2, 4, 2)); err == nil || !strings.Contains(err.Error(), "unmount it") {
				t.Errorf("the build answers %v", err)
			}
			if _, err := os.Stat(photo); err != nil {
				t.Error(err)
			}
		})
	}
}

// mounted shows a folder at another place, until the test ends.
func mounted(t *testing.T, folder, at string) {
	t.Helper()
	if err := unix.Mount(folder, at, "", unix.MS_BIND, ""); err != nil {
		t.Fatalf("this test wants root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
}

// linkless is a disk without links, as SMB is by default. Some take a first link back later.
type linkless struct {
	disk
	after int
}

func (d *linkless) Symlink(target, name string) error {
	if d.after--; d.after < 0 {
		return unix.EPERM
	}
	return d.disk.Symlink(target, name)
}

// Must fail when each build left a generation.
func TestWithoutLinksNoCopiesPileUp(t *testing.T) {
	for links := range 3 {
		dir := t.TempDir()
		f := open(t, dir)
		for i := range uint64(4) {
			_, err := fill(&Folder{disk: &linkless{f.disk, links}}, vectors(t, i, 4, 2))
			if !errors.Is(err, unix.EPERM) {
				t.Fatalf("with %d links the build answers %v", links, err)
			}
		}
		if got := names(t, filepath.Join(dir, "clip.generations")); len(got) > 3 {
			t.Errorf("with %d links it left %v", links, got)
		}
	}
}

// No hard links, and a file of another program in the way.
type withoutHardLinks struct{ disk }

func (withoutHardLinks) Link(string, string) error { return unix.EPERM }

// Must fail when the old generations stayed wherever the names could not be made.
func TestWithoutHardLinksNoCopiesPileUp(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "clip.faiss")
	if err := os.WriteFile(foreign, []byte("another program's"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	for i := range uint64(4) {
		if _, err := fill(&Folder{disk: withoutHardLinks{f.disk}}, vectors(t, i, 4, 2)); !errors.Is(err, unix.EPERM) {
			t.Fatalf("the build answers %v", err)
		}
	}
	if diff := cmp.Diff([]string{"00000003", "00000004", "before", "current"},
		names(t, filepath.Join(dir, "clip.generations"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, err := os.ReadFile(foreign); err != nil || string(got) != "another program's" {
		t.Errorf("the file is now %q, %v", got, err)
	}
}
