package runner_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
)

// Seen to fail when a file's error counted as one of the network: each was tried for a minute, "since the database
// went away", and where a folder without rights did not name the user of the runs.
func TestAFolderThatCannotBeOpenedIsSaidAtOnce(t *testing.T) {
	dir := t.TempDir()
	file, closed := filepath.Join(dir, "file"), filepath.Join(dir, "closed")
	readable := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755))
	if err := errors.Join(readable, os.WriteFile(file, nil, 0o644), os.Mkdir(closed, 0)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    jobspec.Options
		says string
	}{
		"a file as log folder": {jobspec.Options{LogDir: file}, "not a directory"},
		"a log folder without rights": {jobspec.Options{LogDir: closed},
			"permission denied: give the runs a user or a group that may read it: spec.job.user"},
		"a file as cache folder": {jobspec.Options{CacheDirs: []string{file}}, "not a directory"},
		"a cache folder without rights": {jobspec.Options{CacheDirs: []string{closed}},
			"permission denied: give the runs a user or a group that may read it: spec.job.user"},
	} {
		t.Run(name, func(t *testing.T) {
			tooltest.AsNobody(t)
			o := jobspec.Defaults()
			o.LogDir, o.CacheDirs, o.Task = c.o.LogDir, c.o.CacheDirs, jobspec.LogRotation
			if o.LogDir == "" {
				o.Task = jobspec.CacheCleanup
			}
			w := fullWorld()
			r := runner.Run(t.Context(), o, w)
			if r.Reason != report.ReasonConfiguration || len(r.Warnings) > 0 || !strings.Contains(r.Message, c.says) {
				t.Errorf("got %s/%s: %s, warnings %q", r.Outcome, r.Reason, r.Message, r.Warnings)
			}
		})
	}
}
