package disks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// inFolder is how many files are in each folder of what is measured.
const inFolder = 200

// callsPerFile is what a run with more files makes more system calls, by kind, for each of these files: what it does
// once, or for each folder that is there anyway, does not count.
func callsPerFile(t *testing.T, few, many int, run func(n int) map[string]int) (perFile map[string]float64,
	all float64) {
	t.Helper()
	less, more := run(few), run(many)
	perFile = map[string]float64{}
	for kind := range more {
		perFile[kind] = float64(more[kind]-less[kind]) / float64(many-few)
	}
	return perFile, float64(sum(more)-sum(less)) / float64(many-few)
}

// most fails where there are more calls of a kind for each file.
func most(t *testing.T, got map[string]float64, all float64, bounds map[string]float64) {
	t.Helper()
	t.Logf("%.3f calls a file: %v", all, got)
	for kind, bound := range bounds {
		if n := got[kind]; n > bound {
			t.Errorf("%s: %.3f a file; %.3f may be", kind, n, bound)
		}
	}
	if bound := bounds["all"]; all > bound {
		t.Errorf("%.3f calls a file; %.3f may be", all, bound)
	}
}

// Seen to fail when the execution looked at each file that stays, and when the place of a folder was found by its name
// before each removal.
func TestCacheCleanupMakesFewSystemCallsForAFile(t *testing.T) {
	needsRoot(t)
	for name, c := range map[string]struct {
		goes   int // of a hundred files
		bounds map[string]float64
	}{
		"nothing goes": {0, map[string]float64{"statx": 1, "unlinkat": 0, "all": 1.05}},
		"half goes":    {50, map[string]float64{"statx": 2.02, "unlinkat": 0.51, "all": 2.65}},
	} {
		t.Run(name, func(t *testing.T) {
			perFile, all := callsPerFile(t, inFolder, 5*inFolder, func(n int) map[string]int {
				o := jobspec.Defaults()
				o.Task, o.CacheDirs, o.MaxAgeDays = jobspec.CacheCleanup, []string{fillCache(t, n, c.goes)}, 30
				r, counted := injected(t, o, o.CacheDirs[0], injection{})
				if got := r.Counts["filesDeleted"]; got != int64(n*c.goes/100) || r.Outcome != report.Succeeded {
					t.Fatalf("%s: %d files were deleted: %s", r.Outcome, got, r.Message)
				}
				return counted
			})
			most(t, perFile, all, c.bounds)
		})
	}
}

// fillCache makes n files, of which so many of a hundred are old.
func fillCache(t *testing.T, n, old int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	long := time.Now().Add(-100 * 24 * time.Hour)
	for i := range n {
		name := filepath.Join(folder, fmt.Sprintf("folder%d", i/inFolder), fmt.Sprintf("file%d", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if i%100 < old {
			if err := os.Chtimes(name, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

// A folder is listed once, and once more if a file of the root's sample lies in it. Seen to fail when each recorded
// file was looked at.
func TestCleanupOrphanedFileRecordsMakesFewSystemCallsForARecord(t *testing.T) {
	needsRoot(t)
	if !inMountNamespace(t) {
		return
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	perFile, all := callsPerFile(t, inFolder, 5*inFolder, func(n int) map[string]int {
		l := newLab(t, server)
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("folder%d/file%d", i/inFolder, i))
		}
		l.write(names...)
		l.record(names...)
		r, counted := injected(t, l.o, l.root, injection{})
		if r.Outcome != report.Succeeded || r.Counts["filesChecked"] != int64(n+len(living)) {
			t.Fatalf("%s: %v %s", r.Outcome, r.Counts, r.Message)
		}
		return counted
	})
	most(t, perFile, all, map[string]float64{"statx": 0.01, "newfstatat": 0.001, "all": 0.06})
}
