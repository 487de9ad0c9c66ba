package disk_test

import (
	"log/slog"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/cachecleanup"
)

// BenchmarkCacheCleanup compares a run of cache-cleanup, plan and execution, with GNU find that deletes the same files:
// those that were not written for 10 days, half of them.
func BenchmarkCacheCleanup(b *testing.B) {
	eachDisk(b, func(b *testing.B, dir string) {
		n := fileCount(b)
		refill := func() { fill(b, dir, n) }
		compareWith(b, refill, func() { cleanup(b, dir, 10) }, func() {
			find(b, dir, "-type", "f", "-mtime", "+9",
				"-delete")
		})
	})
}

func cleanup(b *testing.B, dir string, days int) {
	b.Helper()
	o := jobspec.Defaults()
	o.Task, o.CacheDirs, o.MaxAgeDays, o.MaxCacheSizeGB = jobspec.CacheCleanup, []string{dir}, days, 1000
	plan, err := cachecleanup.Task().Prepare(b.Context(), tasks.Env{Options: o, Now: time.Now(), RunID: "bench",
		Log: slog.New(slog.DiscardHandler)})
	if err != nil || plan.Verdict != nil {
		b.Fatal(err, plan.Verdict)
	}
	done, err := plan.Execute(b.Context(), nil)
	if err != nil || done.Verdict != nil || done.Counts["filesDeleted"] == 0 {
		b.Fatal(err, done)
	}
}
