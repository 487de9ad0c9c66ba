package logrotation

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
)

// Seen to fail, with a library's file rotated, when only libraries that were named counted.
func TestAMarkedLibraryIsNoLogFolder(t *testing.T) {
	for name, folder := range map[string]string{
		"the library": "media/photos", "a folder in it": "media/photos/2024", "a folder that holds it": "media",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "media/photos/2024/scan.log"), "large enough\n")
			write(t, filepath.Join(dir, "media/photos", files.Marker), "id\n")
			before := tree(t, dir)
			plan, _ := rotate(t, options(filepath.Join(dir, folder), 3), now) // the runner would not execute it
			if v := plan.Verdict; v == nil || v.Outcome != report.Refused || v.Reason != report.ReasonUnsafeFolder {
				t.Errorf("verdict %+v", v)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
