package faiss

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/faisstest"
)

func TestFAISSReadsWhatIsWrittenAndWouldWriteTheSameBytes(t *testing.T) {
	cases := []struct{ n, dimension int }{
		{1, 1}, {7, 3},
		{700, 512}, // more than the write buffer can hold
	}
	var places []faisstest.Place
	var want []faisstest.Index
	for _, c := range cases {
		dir, list := t.TempDir(), vectors(t, 1, c.n, c.dimension)
		mustFill(t, open(t, dir), list)
		index := faisstest.Index{Generation: 1, Dimension: c.dimension}
		for _, v := range list {
			index.ObjectIDs = append(index.ObjectIDs, hex.EncodeToString(v.id[:]))
			index.Vectors = append(index.Vectors, v.unit)
		}
		places, want = append(places, faisstest.Place{Folder: dir, Provider: "clip"}), append(want, index)
	}
	if diff := cmp.Diff(want, faisstest.ReadAll(t, places)); diff != "" {
		t.Errorf("FAISS reads something else (-want +got):\n%s", diff)
	}
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	f, list := open(t, t.TempDir()), vectors(t, 1, 50, 8)
	written := mustFill(t, f, list)
	if diff := cmp.Diff(list, readBack(t, f), cmp.AllowUnexported(vector{})); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	present, err := f.Present("clip")
	if err != nil || present != written {
		t.Errorf("Present() = %v, %v, want %v", present, err, written)
	}
	var content Content
	for _, v := range list {
		content.Add(v.id, v.unit)
	}
	if present.Content != content.Sum() {
		t.Error("the sidecar holds another digest of the content")
	}
}

func TestThereIsNoIndexInAnEmptyFolder(t *testing.T) {
	if _, err := open(t, t.TempDir()).Present("clip"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Present() = %v, want fs.ErrNotExist", err)
	}
}

// Seen to fail when Read did not compare the index's digest with the sidecar's: a changed vector went unnoticed.
func TestEveryChangedOrMissingByteIsNoticed(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	mustFill(t, f, vectors(t, 1, 3, 2))
	for _, name := range []string{"clip.faiss", "clip.ids"} {
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range whole {
			changed := append([]byte(nil), whole...)
			changed[i] ^= 0x10
			expectDamage(t, f, path, changed, "byte %d of %s changed", i, name)
			expectDamage(t, f, path, whole[:i], "only %d bytes of %s left", i, name)
		}
		expectDamage(t, f, path, append(whole[:len(whole):len(whole)], 0), "a byte after %d of %s", len(whole), name)
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Present("clip"); err != nil {
		t.Errorf("put back as it was: %v", err)
	}
}

func expectDamage(t *testing.T, f *Folder, path string, content []byte, what string, args ...any) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, err := f.Present("clip"); !errors.As(err, &damaged) || damaged.Path == "" {
		t.Errorf(what+": Present() = %v, want a *DamagedError with a path", append(args, err)...)
	}
}

func TestAnIndexAndTheSidecarOfAnotherDoNotBelongTogether(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	mustFill(t, f, vectors(t, 1, 3, 2))
	mustFill(t, f, vectors(t, 2, 3, 2))
	generations := filepath.Join(dir, "clip.generations")
	if err := os.Rename(filepath.Join(generations, "00000001", "clip.ids"), filepath.Join(generations, "00000002",
		"clip.ids")); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, err := f.Present("clip"); !errors.As(err, &damaged) {
		t.Errorf("Present() = %v, want a *DamagedError", err)
	}
}

func TestOnlyNamesThatLeadNowhereElseAreProviders(t *testing.T) {
	for name, want := range map[string]bool{
		"clip": true, "clip-vit_b.32": true, "": false, ".": false, "..": false, "../clip": false, "a/b": false,
		".hidden": false, "a b": false, "a\nb": false, "ä": false, "-rf": false,
	} {
		if got := IsProvider(name); got != want {
			t.Errorf("IsProvider(%q) = %v", name, got)
		}
	}
	if _, err := open(t, t.TempDir()).Build("../clip", 2); err == nil {
		t.Error("Build took a name that leads out of the folder")
	}
}
