package disks

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// A volume may be mounted twice, once as the library and once as the cache or the logs: the marker tells.
func TestNoCleanerWorksOnALibrary(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-1000 * time.Hour)
	for _, name := range []string{"all/library/" + files.Marker, "all/library/a.jpg",
		"all/library/logs/app_2025-01-01.log", "all/library/logs/app_2025-01-02.log", "all/x.log"} {
		path := filepath.Join(dir, name)
		for _, err := range []error{os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("x"), 0o644),
			os.Chtimes(path, old, old)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	want := treeOf(t, dir)
	for where, folder := range map[string]string{"is": "all/library", "holds": "all", "lies in": "all/library/logs"} {
		for _, task := range []string{jobspec.CacheCleanup, jobspec.LogRotation} {
			t.Run(task+" on a folder that "+where+" a library", func(t *testing.T) {
				o := jobspec.Defaults()
				o.Task, o.MaxAgeDays, o.MaxLogFiles = task, 1, 1
				if o.CacheDirs = []string{filepath.Join(dir, folder)}; task == jobspec.LogRotation {
					o.CacheDirs, o.LogDir = nil, filepath.Join(dir, folder)
				}
				r := runner.Run(t.Context(), o, runner.World{Tasks: all.Tasks(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
				if r.Outcome != report.Refused || r.Reason != report.ReasonUnsafeFolder {
					t.Errorf("%s/%s: %s", r.Outcome, r.Reason, r.Message)
				}
				if diff := cmp.Diff(want, treeOf(t, dir)); diff != "" {
					t.Errorf("something changed:\n%s", diff)
				}
			})
		}
	}
}
