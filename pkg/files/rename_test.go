package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The ways to rename for file systems that cannot do it in one step, tried on one that can. Seen to fail with a plain
// rename.
func TestARenameInTwoStepsReplacesNothing(t *testing.T) {
	for name, rename := range map[string]func(dir int, old, base string) error{
		"by a link": linkAndUnlink, "by a look": lookAndRename,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"a", "b"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, err := os.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := rename(int(f.Fd()), "a", "b"); !errors.Is(err, fs.ErrExist) {
				t.Errorf("onto another: %v", err)
			}
			if err := rename(int(f.Fd()), "a", "c"); err != nil {
				t.Error(err)
			}
			if names, err := f.Readdirnames(-1); err != nil || len(names) != 2 {
				t.Errorf("left: %q, %v", names, err)
			}
			if b, err := os.ReadFile(filepath.Join(dir, "b")); err != nil || string(b) != "b" {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}
