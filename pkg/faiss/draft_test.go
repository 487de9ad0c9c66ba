package faiss

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestADraftBecomesTheIndexThatABuildWouldBe(t *testing.T) {
	built, drafted := t.TempDir(), t.TempDir()
	list := vectors(t, 1, 3*idsOfPiece/2, 4)
	want := mustFill(t, open(t, built), list)
	got, err := adopt(open(t, drafted), list)
	if err != nil || got != want {
		t.Fatalf("adopt() = %v, %v, want %v", got, err, want)
	}
	for _, name := range []string{"clip.faiss", "clip.ids"} {
		a, _ := os.ReadFile(filepath.Join(built, name))
		b, err := os.ReadFile(filepath.Join(drafted, name))
		if err != nil || string(a) != string(b) {
			t.Errorf("%s has other bytes: %v", name, err)
		}
	}
	info, err := os.Stat(filepath.Join(drafted, "clip.faiss"))
	if err != nil || info.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("others cannot read it: %v, %v", info, err)
	}
}

func TestADraftIsNotSeenAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d, err := open(t, dir).Draft(4)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors(t, 1, 20_000, 4) { // more than a write buffer holds
		if err := d.Add(v.id, v.unit); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); len(got) > 0 {
		t.Errorf("the folder shows %v", got)
	}
	if err := d.Close(); err != nil || len(names(t, dir)) > 0 {
		t.Errorf("it leaves %v, %v", names(t, dir), err)
	}
}

// unnameable is a disk that gives a file without a name none.
type unnameable struct{ disk }

func (unnameable) Name(handle, string) error { return unix.EPERM }

func TestADraftThatCanBeGivenNoNameLeavesTheIndexAsItIs(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	old := mustFill(t, f, vectors(t, 1, 4, 2))
	if _, err := adopt(&Folder{disk: unnameable{f.disk}}, vectors(t, 2, 4, 2)); !errors.Is(err, ErrUnnameable) {
		t.Errorf("adopt() = %v, want ErrUnnameable", err)
	}
	if s, err := f.Present("clip"); err != nil || s != old {
		t.Errorf("the present generation is %v, %v", s, err)
	}
	if diff := cmp.Diff([]string{"00000001", "current"}, names(t, filepath.Join(dir, "clip.generations"))); diff != "" {
		t.Errorf("the generations (-want +got):\n%s", diff)
	}
}
