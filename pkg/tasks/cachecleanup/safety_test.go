package cachecleanup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/cachecleanup"
)

// Seen to fail when each folder was opened and cleaned in turn: the good one was empty before the bad one was looked
// at.
func TestOneUnsafeFolderAndNothingIsDeletedAnywhere(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		dir := t.TempDir()
		library, good := filepath.Join(dir, "data/photos"), filepath.Join(dir, "good")
		link := filepath.Join(dir, "link")
		put(t, filepath.Join(library, "one.jpg"), 10, time.Now().Add(-100*day))
		if err := os.Symlink(library, link); err != nil {
			t.Fatal(err)
		}
		for name, bad := range map[string]string{
			"the root of the file system": "/", "a folder of many owners": "/tmp", "the library": library,
			"a folder that holds the library": filepath.Dir(library), "a symbolic link to the library": link,
		} {
			t.Run(name, func(t *testing.T) {
				put(t, filepath.Join(good, "old"), 10, time.Now().Add(-100*day))
				o := options(good, bad)
				o.LibraryRoots, o.MaxAgeDays = []string{library}, 1
				plan := v.prepare(t, o)
				if v := plan.Verdict; v == nil || v.Outcome != report.Refused || v.Reason != report.ReasonUnsafeFolder {
					t.Fatalf("verdict %+v", v)
				}
				_ = execute(t, plan) // which the runner does not do
				if !exists(filepath.Join(good, "old")) || !exists(filepath.Join(library, "one.jpg")) {
					t.Error("something was deleted")
				}
			})
		}
	})
}

// Seen to fail when the rule asked only for the time of the last use.
func TestWhatChangedSinceTheRunBeganStays(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		old := time.Now().Add(-100 * day)
		for name, change := range map[string]func(name string) error{
			"it was read":       func(name string) error { return os.Chtimes(name, time.Now(), old) },
			"it was written":    func(name string) error { return os.WriteFile(name, []byte("new"), 0o644) },
			"its owner changed": func(name string) error { return os.Chmod(name, 0o600) },
			"it was renamed":    func(name string) error { return os.Rename(name, name+".x") },
			"it came in its place": func(name string) error {
				return errors.Join(os.WriteFile(name+".x", make([]byte, 10), 0o644), os.Chtimes(name+".x", old, old),
					os.Rename(name+".x", name))
			},
		} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				put(t, filepath.Join(dir, "a/changes"), 10, old)
				put(t, filepath.Join(dir, "a/goes"), 10, old)
				o := options(dir)
				o.MaxAgeDays = 1
				plan := v.prepare(t, o)
				awaitTick(t, dir)
				if err := change(filepath.Join(dir, "a/changes")); err != nil {
					t.Fatal(err)
				}
				done := execute(t, plan)
				if left := list(t, dir); len(left) != 1 || !strings.HasPrefix(filepath.Base(left[0].name), "changes") ||
					done.Counts["filesDeleted"] != 1 {
					t.Errorf("left %v, %v", left, done)
				}
			})
		}
	})
}

// awaitTick waits until the file system's clock, which is coarser than the system's, has moved on.
func awaitTick(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "tick")
	for began := time.Now(); ; {
		put(t, name, 0, time.Now())
		var st unix.Stat_t
		if err := unix.Stat(name, &st); err != nil {
			t.Fatal(err)
		}
		if time.Unix(st.Ctim.Unix()).After(began) {
			_ = os.Remove(name)
			return
		}
	}
}

func TestWhatVanishesMeanwhileIsNoError(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		dir := t.TempDir()
		for _, name := range []string{"a/1", "a/2", "b/1", "c"} {
			put(t, filepath.Join(dir, name), 10, time.Now().Add(-100*day))
		}
		o := options(dir)
		o.MaxAgeDays = 1
		plan := v.prepare(t, o)
		if err := errors.Join(os.RemoveAll(filepath.Join(dir, "b")), os.Remove(filepath.Join(dir, "a/1"))); err != nil {
			t.Fatal(err)
		}
		if done := execute(t, plan); done.Verdict != nil || len(done.Warnings) > 0 || done.Counts["filesDeleted"] != 2 {
			t.Errorf("%+v", done)
		}
	})
}

// Seen to fail when every folder was removed that was empty in the end.
func TestOnlyFoldersThatTheRunEmptiedAreRemoved(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		dir := t.TempDir()
		old := time.Now().Add(-100 * day)
		put(t, filepath.Join(dir, "emptied/deep/deeper/1"), 10, old)
		put(t, filepath.Join(dir, "kept/old"), 10, old)
		put(t, filepath.Join(dir, "kept/new"), 10, time.Now())
		put(t, filepath.Join(dir, "beside/1"), 10, old)
		for _, name := range []string{"empty/deep", "beside/empty"} {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		o := options(dir)
		o.MaxAgeDays = 1
		v.clean(t, o)
		for name, want := range map[string]bool{
			"": true, "emptied": false, "kept/new": true, "kept/old": false, "beside/empty": true, "beside/1": false,
			"empty/deep": true,
		} {
			if exists(filepath.Join(dir, name)) != want {
				t.Errorf("%q is there: %v", name, !want)
			}
		}
	})
}

// Seen to fail when nothing was compared: the files counted twice, and twice as many went as had to.
func TestFoldersThatOverlapCountOnce(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		dir := t.TempDir()
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a/1", "a/2", "b/1", "b/2"} {
			put(t, filepath.Join(dir, name), 100, time.Now().Add(-day))
		}
		o := options(filepath.Join(dir, "a"), dir, link, dir)
		o.MaxCacheSizeGB = shrinkTo(400)
		plan, _ := v.clean(t, o)
		if plan.Counts["filesScanned"] != 4 || plan.Counts["filesDeleted"] != 0 || len(plan.Warnings) != 3 {
			t.Errorf("%+v", plan)
		}
	})
}

// Seen to fail when a time was UnixNano alone, which wraps.
func TestTimesBeyondAllMeasureDoNotWrap(t *testing.T) {
	dir := t.TempDir()
	future := filepath.Join(dir, "future")
	put(t, future, 10, time.Now())
	year2400 := unix.Timespec{Sec: time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC).Unix()} // os.Chtimes wraps too
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, future, []unix.Timespec{year2400, year2400}, 0); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "old"), 10, time.Now().Add(-1000*day))
	o := options(dir)
	o.MaxAgeDays, o.MaxCacheSizeGB = 30, shrinkTo(10)
	if clean(t, o); !exists(future) || exists(filepath.Join(dir, "old")) {
		t.Errorf("left: %v", list(t, dir))
	}
}

func TestFoldersThatDoNotExistAreAWarning(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "there/old"), 10, time.Now().Add(-100*day))
	o := options(filepath.Join(dir, "none"), filepath.Join(dir, "there"))
	o.MaxAgeDays = 1
	if plan, done := clean(t, o); done.Counts["filesDeleted"] != 1 || plan.Verdict != nil || len(plan.Warnings) != 1 {
		t.Errorf("one of two: %+v", plan)
	}
	o.CacheDirs = o.CacheDirs[:1]
	if plan, done := clean(t, o); plan.Verdict != nil || !strings.HasPrefix(done.Message, "nothing to do") {
		t.Errorf("all: %+v, %+v", plan, done)
	}
}

func TestAFolderThatCannotBeReadMakesTheRunPartial(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		dir := t.TempDir()
		put(t, filepath.Join(dir, strings.Repeat("too deep/", 201), "old"), 10, time.Now().Add(-100*day))
		put(t, filepath.Join(dir, "open/old"), 10, time.Now().Add(-100*day))
		o := options(dir)
		o.MaxAgeDays = 1
		plan, done := v.clean(t, o)
		for _, v := range []*tasks.Verdict{plan.Verdict, done.Verdict} {
			if v == nil || v.Outcome != report.Partial || v.Reason != report.ReasonDirectoriesUnknown {
				t.Errorf("verdict %+v", v)
			}
		}
		if done.Counts["filesDeleted"] != 1 || len(plan.Warnings) != 1 {
			t.Errorf("%+v", plan)
		}
	})
}

func TestAFileThatCannotBeDeletedMakesTheRunPartial(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		asNobody(t)
		dir := t.TempDir()
		put(t, filepath.Join(dir, "fixed/old"), 10, time.Now().Add(-100*day))
		if err := os.Chmod(filepath.Join(dir, "fixed"), 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "fixed"), 0o755) })
		o := options(dir)
		o.MaxAgeDays = 1
		_, done := v.clean(t, o)
		if v := done.Verdict; v == nil || v.Outcome != report.Partial || v.Reason != report.ReasonNotPermitted ||
			len(done.Warnings) != 1 {
			t.Errorf("%+v", done)
		}
	})
}

// Seen to end as Partial, so that the Job failed each night because of the trash of another user.
func TestAFolderThatThisUserMayNotReadIsAWarning(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		asNobody(t)
		dir := t.TempDir()
		put(t, filepath.Join(dir, "old"), 10, time.Now().Add(-100*day))
		put(t, filepath.Join(dir, ".Trash-1000/old"), 10, time.Now().Add(-100*day))
		if err := os.Chmod(filepath.Join(dir, ".Trash-1000"), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, ".Trash-1000"), 0o755) })
		o := options(dir)
		o.MaxAgeDays = 1
		plan, done := v.clean(t, o)
		if done.Verdict != nil || done.Counts["filesScanned"] != 1 || done.Counts["filesDeleted"] != 1 {
			t.Errorf("%+v, verdict %+v", done, done.Verdict)
		}
		if len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], ".Trash-1000 was left out") ||
			!strings.Contains(plan.Warnings[0], "spec.job.user") {
			t.Errorf("warnings %q", plan.Warnings)
		}
	})
}

// asNobody takes the superuser's way around permissions from this test, in all its threads.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := syscall.Setresuid(-1, 65534, -1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Setresuid(-1, 0, -1) })
}

// countdown is a context that ends when it was asked n times.
type countdown struct {
	context.Context
	n *atomic.Int64
}

func (c countdown) Err() error {
	if c.n.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestARunThatWasStoppedIsFinishedByTheNext(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for _, n := range []int64{0, 1, 100, 250} {
			var stop atomic.Int64
			stop.Store(n)
			dir := t.TempDir()
			for i := range 300 {
				put(t, filepath.Join(dir, string(rune('a'+i%20)), string(rune('a'+i/20))), 10,
					time.Now().Add(-time.Duration(i)*time.Hour))
			}
			o := options(dir)
			o.MaxCacheSizeGB = shrinkTo(500)
			want, _ := wanted(list(t, dir), time.Time{}, 500)
			done, err := v.prepare(t, o).Execute(countdown{t.Context(), &stop}, nil)
			if left := list(t, dir); err == nil || done.Counts["filesDeleted"] != int64(300-len(left)) {
				t.Errorf("stopped: %+v, %v, with %d left", done, err, len(left))
			}
			v.clean(t, o)
			left := list(t, dir)
			if size(left) > 500 || len(left) < len(want) || !slices.Equal(want, left[len(left)-len(want):]) {
				t.Errorf("%d files are left, want %d", len(left), len(want))
			}
		}
	})
}

func TestADryRunTouchesNothingAndNamesThePlan(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		dir := t.TempDir()
		for _, name := range []string{"a/1", "a/2", "b/1"} {
			put(t, filepath.Join(dir, name), 10, time.Now().Add(-100*day))
		}
		o := options(dir)
		o.MaxAgeDays = 1
		before := list(t, dir)
		one, two := v.prepare(t, o), v.prepare(t, o)
		if one.Digest == "" || one.Digest != two.Digest || len(one.Sample) != 3 || one.Counts["filesDeleted"] != 3 {
			t.Errorf("%+v\n%+v", one, two)
		}
		if after := list(t, dir); !slices.Equal(after, before) {
			t.Errorf("after: %v", after)
		}
		put(t, filepath.Join(dir, "b/2"), 10, time.Now().Add(-100*day))
		if three := v.prepare(t, o); three.Digest == one.Digest {
			t.Error("another plan has the same digest")
		}
	})
}

func TestNoCacheFolderIsAnError(t *testing.T) {
	_, err := cachecleanup.Task().Prepare(t.Context(), tasks.Env{Options: options(), Now: time.Now()})
	var config *tasks.Error
	if !errors.As(err, &config) || config.Reason != report.ReasonConfiguration {
		t.Errorf("%v", err)
	}
}
