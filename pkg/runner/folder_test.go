package runner_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
)

// Seen to fail when a file's error counted as one of the network: each was tried for a minute, "since the database
// went away".
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
		"a file as log folder":          {jobspec.Options{LogDir: file}, "not a directory"},
		"a log folder without rights":   {jobspec.Options{LogDir: closed}, "permission denied"},
		"a file as cache folder":        {jobspec.Options{CacheDirs: []string{file}}, "not a directory"},
		"a cache folder without rights": {jobspec.Options{CacheDirs: []string{closed}}, "permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			asNobody(t)
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

// asNobody takes the superuser's way around permissions from this test.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	runtime.LockOSThread()
	if err := unix.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.Setfsuid(0)
		runtime.UnlockOSThread()
	})
}
