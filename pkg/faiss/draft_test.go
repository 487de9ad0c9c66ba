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
	d := open(t, dir).Draft(4)
	for _, v := range vectors(t, 1, 20_000, 4) { // more than a write buffer holds
		d.Add(v.id, v.unit)
	}
	if got := names(t, dir); len(got) > 0 || !d.Kept() {
		t.Errorf("the folder shows %v; kept: %v", got, d.Kept())
	}
	if d.Drop(); len(names(t, dir)) > 0 {
		t.Errorf("it leaves %v", names(t, dir))
	}
}

// Seen to fail when the digest went with the vectors.
func TestADraftWithoutRoomKnowsItsDigest(t *testing.T) {
	list := vectors(t, 1, 40_000, 4)
	var want Content
	for _, v := range list {
		want.Add(v.id, v.unit)
	}
	for _, room := range []int64{0, 100, 300_000, 1 << 30} { // bytes; a write buffer has 262,144
		disk := healthy(open(t, t.TempDir()).disk)
		disk.room = room
		d := (&Folder{disk: disk}).Draft(4)
		for _, v := range list {
			d.Add(v.id, v.unit)
		}
		if d.Sum() != want.Sum() || d.Count() != want.Count() || d.Kept() != (room == 1<<30) {
			t.Errorf("room for %d bytes: %d vectors; kept: %v", room, d.Count(), d.Kept())
		}
		d.Drop()
		if d.Sum() != want.Sum() || d.Kept() {
			t.Errorf("room for %d bytes: the digest is lost", room)
		}
	}
}

// unnameable is a disk that gives a file without a name none.
type unnameable struct{ disk }

func (unnameable) Name(handle, string) error { return unix.EPERM }

func TestADraftThatCanBeGivenNoNameLeavesTheIndexAsItIs(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	old := mustFill(t, f, vectors(t, 1, 4, 2))
	if _, err := adopt(&Folder{disk: unnameable{f.disk}}, vectors(t, 2, 4, 2)); !errors.Is(err, ErrNotKept) {
		t.Errorf("adopt() = %v, want ErrNotKept", err)
	}
	if s, err := f.Present("clip"); err != nil || s != old {
		t.Errorf("the present generation is %v, %v", s, err)
	}
	if diff := cmp.Diff([]string{"00000001", "current"}, names(t, filepath.Join(dir, "clip.generations"))); diff != "" {
		t.Errorf("the generations (-want +got):\n%s", diff)
	}
}
