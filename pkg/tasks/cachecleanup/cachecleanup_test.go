package cachecleanup_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/cachecleanup"
)

const day = 24 * time.Hour

// options keep everything; a test says what it limits.
func options(folders ...string) jobspec.Options {
	o := jobspec.Defaults()
	o.Task, o.CacheDirs = jobspec.CacheCleanup, folders
	o.MaxAgeDays, o.MaxCacheSizeGB = 36500, 1000
	return o
}

// shrinkTo is a size in bytes as the option has it.
func shrinkTo(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// variant is what must make no difference.
type variant struct{ workers, remembered int }

var variants = []variant{{1, 1 << 19}, {16, 1 << 19}, {1, 0}, {16, 20}}

// eachVariant runs a test with each variant.
func eachVariant(t *testing.T, test func(t *testing.T, v variant)) {
	for _, v := range variants {
		t.Run(fmt.Sprintf("%d workers, %d files remembered", v.workers, v.remembered), func(t *testing.T) { test(t, v) })
	}
}

func prepare(t testing.TB, o jobspec.Options) tasks.Plan {
	t.Helper()
	return variant{0, 1 << 19}.prepare(t, o)
}

func (v variant) prepare(t testing.TB, o jobspec.Options) tasks.Plan {
	t.Helper()
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	env := tasks.Env{Options: o, Now: time.Now().UTC(), RunID: "test", Log: slog.New(slog.DiscardHandler)}
	plan, err := cachecleanup.With(v.workers, v.remembered).Prepare(t.Context(), env)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	return plan
}

func execute(t testing.TB, plan tasks.Plan) tasks.Done {
	t.Helper()
	done, err := plan.Execute(t.Context(), nil)
	if err != nil {
		t.Fatalf("execute: %v", err)
	}
	return done
}

// clean plans and executes.
func clean(t testing.TB, o jobspec.Options) (tasks.Plan, tasks.Done) {
	t.Helper()
	return variant{0, 1 << 19}.clean(t, o)
}

func (v variant) clean(t testing.TB, o jobspec.Options) (tasks.Plan, tasks.Done) {
	t.Helper()
	plan := v.prepare(t, o)
	return plan, execute(t, plan)
}

// put makes a file of a size, last used at a time.
func put(t testing.TB, name string, size int64, used time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, used, used); err != nil {
		t.Fatal(err)
	}
}

// stored is a file as the oracle sees it.
type stored struct {
	name string
	size int64
	used time.Time
}

// list is all files below folders, the least recently used first. It shares no code with the product.
func list(t testing.TB, folders ...string) (all []stored) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			used := time.Unix(info.Sys().(*syscall.Stat_t).Atim.Unix())
			if info.ModTime().After(used) {
				used = info.ModTime()
			}
			all = append(all, stored{name, info.Size(), used})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(all, func(a, b stored) int { return a.used.Compare(b.used) })
	return all
}

func size(files []stored) (sum int64) {
	for _, f := range files {
		sum += f.size
	}
	return sum
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
