package cachecleanup_test

import (
	"path/filepath"
	"testing"
	"time"
)

// Seen to fail when only the plan knew the signs, and, with both folders removed, when a sign had to be a file.
func TestTheSignsOfOtherProgramsStay(t *testing.T) {
	dir := t.TempDir()
	signs := []string{"CACHEDIR.TAG", ".immich", ".nomedia",
		".stfolder/syncthing-folder-5f3a.txt", ".stversions/a/old.jpg"}
	others := []string{"thumb.jpg", "a/CACHEDIR.TAG", "a/.hidden", "CACHEDIR.TAGS", "a/.stfolder/x", ".thumbnails/x"}
	for _, name := range append(signs, others...) {
		put(t, filepath.Join(dir, name), 40, time.Now().Add(-100*day))
	}
	put(t, filepath.Join(dir, ".large"), 2048, time.Now().Add(-100*day))
	o := options(dir)
	o.MaxAgeDays = 1
	_ = execute(t, prepare(t, o))
	for _, name := range signs {
		if !exists(filepath.Join(dir, name)) {
			t.Errorf("%s is gone", name)
		}
	}
	for _, name := range append(others, ".large") {
		if exists(filepath.Join(dir, name)) {
			t.Errorf("%s stayed", name)
		}
	}
}
