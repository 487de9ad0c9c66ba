package faiss

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// private is a disk with a folder that this user may not read.
type private struct {
	disk
	folder string
}

func (d private) mayRead(name string) error {
	if name == d.folder || strings.HasPrefix(name, d.folder+"/") {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return nil
}

func (d private) Open(name string) (handle, error) {
	if err := d.mayRead(name); err != nil {
		return nil, err
	}
	return d.disk.Open(name)
}

func (d private) Names(folder string) ([]string, error) {
	if err := d.mayRead(folder); err != nil {
		return nil, err
	}
	return d.disk.Names(folder)
}

// Seen to fail: no index was ever published again.
func TestAPrivateFolderOfAPersonIsNoGeneration(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	mustFill(t, f, vectors(t, 1, 4, 2))
	if err := os.Mkdir(filepath.Join(dir, "clip.generations/20250101"), 0o755); err != nil {
		t.Fatal(err)
	}
	hidden := &Folder{disk: private{f.disk, "clip.generations/20250101"}}
	for i := range uint64(3) {
		if s, err := fill(hidden, vectors(t, i+2, 4, 2)); err != nil || s.Generation != i+2 {
			t.Errorf("generation %d, %v", s.Generation, err)
		}
	}
	if got := names(t, filepath.Join(dir, "clip.generations")); len(got) != 4 { // with current, and the one before
		t.Errorf("there are %v", got)
	}
}
