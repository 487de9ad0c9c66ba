package faiss

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePresentGenerationAndTheOneBeforeStay(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	for i, want := range [][]string{
		{"00000001", "current"},
		{"00000001", "00000002", "current"},
		{"00000002", "00000003", "current"},
	} {
		mustFill(t, f, vectors(t, uint64(i), 4, 2))
		if diff := cmp.Diff(want, names(t, filepath.Join(dir, "clip.generations"))); diff != "" {
			t.Errorf("after %d generations (-want +got):\n%s", i+1, diff)
		}
	}
	if diff := cmp.Diff([]string{"clip.faiss", "clip.generations", "clip.ids"}, names(t, dir)); diff != "" {
		t.Errorf("in the index folder (-want +got):\n%s", diff)
	}
	providers, err := f.Providers()
	if diff := cmp.Diff([]string{"clip"}, providers); err != nil || diff != "" {
		t.Errorf("Providers(): %v (-want +got):\n%s", err, diff)
	}
}

func TestWhoeverWentBackByHandKeepsThatGenerationOnceMore(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	mustFill(t, f, vectors(t, 1, 4, 2))
	mustFill(t, f, vectors(t, 2, 4, 2))
	current := filepath.Join(dir, "clip.generations", "current")
	if err := errors.Join(os.Remove(current), os.Symlink("00000001", current)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(vectors(t, 1, 4, 2), readBack(t, f), cmp.AllowUnexported(vector{})); diff != "" {
		t.Errorf("after going back (-want +got):\n%s", diff)
	}
	mustFill(t, f, vectors(t, 3, 4, 2))
	if diff := cmp.Diff([]string{"00000001", "00000003", "current"},
		names(t, filepath.Join(dir, "clip.generations"))); diff != "" {
		t.Errorf("after the next generation (-want +got):\n%s", diff)
	}
}

// Seen to fail without keep: the application's own index was gone.
func TestAnIndexThatAnotherProgramWroteIsKept(t *testing.T) {
	dir := t.TempDir()
	foreign := []byte("what the application wrote")
	if err := os.WriteFile(filepath.Join(dir, "clip.faiss"), foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	mustFill(t, f, vectors(t, 1, 4, 2))
	mustFill(t, f, vectors(t, 2, 4, 2))
	if _, err := f.Present("clip"); err != nil {
		t.Error(err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "clip.generations", "before", "clip.faiss"))
	if err != nil || string(kept) != string(foreign) {
		t.Errorf("it is now %q, %v", kept, err)
	}
}

func TestABuildThatIsGivenUpLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	b, err := f.Build("clip", 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Add(ObjectID{1}, []float32{1, 0}), b.Close()); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(dir, "clip.generations")); len(got) > 0 {
		t.Errorf("it left %v", got)
	}
}

// Seen to fail without the lock: the second build swept away the first one's files.
func TestTwoCannotBuildTheSameIndexAtOnce(t *testing.T) {
	dir := t.TempDir()
	first, err := open(t, dir).Build("clip", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Build("clip", 2); !errors.Is(err, errLocked) {
		t.Errorf("the second Build answers %v", err)
	}
	other, err := open(t, dir).Build("blip", 2)
	if err != nil {
		t.Fatalf("another provider's: %v", err)
	}
	if err := first.Add(ObjectID{1}, []float32{1, 0}); err != nil {
		t.Fatal(err)
	}
	_, err = first.Publish()
	if err := errors.Join(err, first.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
}

// Seen to fail when Publish compared only the counts and the sample of what it reads back with what was added.
func TestWhatTheDiskSpoilsIsNotPublished(t *testing.T) {
	dir := t.TempDir()
	f, list := open(t, dir), vectors(t, 2, 20, 2) // more than the sample
	old := mustFill(t, f, vectors(t, 1, 20, 2))
	all := indexSize(2, 20) + sidecarSize + 20*12 + 32
	for at := int64(vectorsAt); at < all; at += 3 { // what is before is written twice
		d := healthy(f.disk)
		d.spoil = at
		var damaged *DamagedError
		if _, err := fill(&Folder{disk: d}, list); !errors.As(err, &damaged) {
			t.Fatalf("byte %d of %d is spoilt and the answer is %v", at, all, err)
		}
		if s, err := f.Present("clip"); err != nil || s != old {
			t.Fatalf("byte %d of %d is spoilt and the present generation is %v, %v", at, all, s, err)
		}
	}
	d := healthy(f.disk)
	d.spoil = all
	if _, err := fill(&Folder{disk: d}, list); err != nil {
		t.Errorf("no byte is spoilt and the answer is %v", err)
	}
}
