package presence

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/roots"
)

type nothingSaved struct{}

func (nothingSaved) Load(context.Context, checkpoint.Key) (bson.Raw, error) { return nil, nil }

// survey judges recorded names in a root, and looks at the missing ones once more.
func survey(t *testing.T, known roots.Known, dir string, recorded ...string) *Survey {
	t.Helper()
	open := func(folder string) (Disk, error) { return files.OpenLibrary(folder) }
	s := New(Library{Given: []string{dir}, Known: map[string]roots.Known{dir: known}})
	t.Cleanup(s.Close)
	l := &roots.Listing{Store: checkpoint.ReadOnly(nothingSaved{}), Elapsed: func() time.Duration { return 0 }}
	if err := s.Enter(t.Context(), open, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.List(t.Context(), l, 1, func(context.Context, int64, bool) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, name := range recorded {
		path := filepath.Join(dir, name)
		if v, section := s.Judge(path); v == roots.Missing {
			s.Hold(Missing{Path: path, Section: section}, 10, false)
		}
	}
	s.EndJudging()
	if _, err := s.Recheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// A mount point whose disk is not mounted is an empty folder. Seen to fail when an empty folder of a new root was
// believed.
func TestWhatBelongsInAnEmptyFolderOfANewRootIsUnknown(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"disk", "other/below"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	recorded := []string{"a", "gone", "disk/x", "disk/deep/y", "other/z"}
	s := survey(t, roots.Known{}, dir, recorded...)
	known, ok := s.Roots[0].Remembered()
	if n := s.Figures(); n != (Figures{Alive: 1, Missing: 2, Unknown: 2}) || len(s.Missing) != 2 ||
		s.FoldersUnknown() != 1 {
		t.Errorf("it counts %+v, %d folders are unknown", n, s.FoldersUnknown())
	}
	if !ok || !slices.Equal(known.Empty, []string{"disk"}) {
		t.Errorf("it remembers %q as empty", known.Empty)
	}
	known.Mounts, known.Empty = nil, nil // as a person says that no disk belongs there
	if n := survey(t, known, dir, recorded...).Figures(); n != (Figures{Alive: 1, Missing: 4}) {
		t.Errorf("of a root that is known, it counts %+v", n)
	}
}
