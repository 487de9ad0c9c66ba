package cachecleanup_test

import (
	"path/filepath"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
)

// Seen to fail, with the library deleted, when only libraries that were named counted. The marker is not the first
// thing that a walk meets.
func TestAMarkedLibraryIsNoCache(t *testing.T) {
	for name, cache := range map[string]string{
		"the library": "media/photos", "a folder in it": "media/photos/2024", "a folder that holds it": "media",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			good, photo := filepath.Join(dir, "good/old"), filepath.Join(dir, "media/photos/2024/one.jpg")
			for _, name := range []string{good, photo, filepath.Join(dir, "media/photos", files.Marker)} {
				put(t, name, 10, time.Now().Add(-100*day))
			}
			o := options(filepath.Dir(good), filepath.Join(dir, cache))
			o.MaxAgeDays = 1
			plan := prepare(t, o)
			if v := plan.Verdict; v == nil || v.Outcome != report.Refused || v.Reason != report.ReasonUnsafeFolder {
				t.Errorf("verdict %+v", v)
			}
			_ = execute(t, plan) // which the runner does not do
			if !exists(good) || !exists(photo) {
				t.Error("something was deleted")
			}
		})
	}
}
