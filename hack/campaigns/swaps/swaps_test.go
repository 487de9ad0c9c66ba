package swaps

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// wanted is how many swaps each task has to bear.
func wanted(t *testing.T) int64 { return int64(tooltest.Number(t, "SWAPS", 200_000)) }

// lab is a folder that a task works on, and one outside. The same files, by hard links, are in both, so that no look at
// a file itself can tell the two apart.
type lab struct {
	t               *testing.T
	folder, outside string
	names           []string // below both
	open            map[string]int
	swaps           atomic.Int64
}

// folders are below both. They are swapped as a whole.
var folders = []string{".", "a", "a/deep", "b"}

func newLab(t *testing.T, names ...string) *lab {
	t.Helper()
	l := &lab{t: t, folder: t.TempDir(), outside: t.TempDir(), open: map[string]int{}}
	old := time.Now().Add(-1000 * time.Hour)
	for _, folder := range folders {
		l.must(os.MkdirAll(filepath.Join(l.folder, folder), 0o755))
		l.must(os.MkdirAll(filepath.Join(l.outside, folder), 0o755))
		l.must(os.WriteFile(filepath.Join(l.folder, folder, "new"), nil, 0o644)) // so that it is never empty
		fd, err := unix.Open(filepath.Join(l.folder, folder), unix.O_PATH|unix.O_DIRECTORY, 0)
		l.must(err)
		t.Cleanup(func() { _ = unix.Close(fd) })
		l.open[folder] = fd // it stays open wherever the folder is moved
		for _, name := range names {
			file := filepath.Join(l.outside, folder, name)
			l.names = append(l.names, filepath.Join(folder, name))
			l.must(os.WriteFile(file, make([]byte, 3000), 0o644))
			l.must(os.Chtimes(file, old, old))
		}
	}
	return l
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// link puts the files that went back into the folder.
func (l *lab) link() {
	l.t.Helper()
	for _, name := range l.names {
		err := unix.Linkat(unix.AT_FDCWD, filepath.Join(l.outside, name), l.open[filepath.Dir(name)], filepath.Base(name), 0)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			l.t.Fatal(err)
		}
	}
}

// swap exchanges a folder, or a file, for a symbolic link to what is of that name outside, and back, until the end.
func (l *lab) swap(name string, end <-chan struct{}) {
	dir, base, link := l.open[filepath.Dir(name)], filepath.Base(name), filepath.Join(l.t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(l.outside, name), link); err != nil {
		l.t.Error(err)
		return
	}
	for {
		select {
		case <-end:
			return
		default:
		}
		err := unix.Renameat2(dir, base, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE)
		switch {
		case err == nil:
			l.swaps.Add(1)
		case !errors.Is(err, unix.ENOENT): // the task deleted the file
			l.t.Errorf("swap: %v", err)
			return
		}
	}
}

// bear does a task again and again until there were enough swaps, and says what it deleted.
func (l *lab) bear(swapped []string, each func(), o jobspec.Options) {
	l.t.Helper()
	end := make(chan struct{})
	var swappers sync.WaitGroup
	for _, name := range swapped {
		swappers.Go(func() { l.swap(name, end) })
	}
	defer func() { close(end); swappers.Wait() }()
	var deleted, rotated, runs int64
	before := l.there()
	for l.swaps.Load() < wanted(l.t) {
		l.link()
		each()
		r := runner.Run(l.t.Context(), o, runner.World{Tasks: all.Tasks(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if r.Outcome != report.Succeeded && r.Outcome != report.Partial {
			l.t.Fatalf("%s/%s: %s", r.Outcome, r.Reason, r.Message)
		}
		runs, deleted, rotated = runs+1, deleted+r.Counts["filesDeleted"], rotated+r.Counts["filesRotated"]
		if now := l.there(); !slices.Equal(before, now) {
			l.t.Fatalf("after %d swaps: what is outside (-before +now):\n%s", l.swaps.Load(), cmp.Diff(before, now))
		}
	}
	if deleted == 0 {
		l.t.Error("nothing was ever deleted: the test tests nothing")
	}
	l.t.Logf("%d swaps under %d runs, which deleted %d files and rotated %d: none outside", l.swaps.Load(), runs, deleted,
		rotated)
}

// there is what is outside, with what tells a changed file from the same.
func (l *lab) there() (list []string) {
	l.must(filepath.WalkDir(l.outside, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		err = unix.Lstat(path, &st)
		list = append(list, fmt.Sprintf("%s %d %d bytes, mode %o", path, st.Ino, st.Size, st.Mode))
		return err
	}))
	return list
}

// Seen to fail within the first runs when Delete opened a file's folder without RESOLVE_NO_SYMLINKS.
func TestCacheCleanupDeletesNothingOutsideWhateverIsSwapped(t *testing.T) {
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("file%d", i))
	}
	l := newLab(t, names...)
	o := jobspec.Defaults()
	o.Task, o.CacheDirs, o.MaxAgeDays = jobspec.CacheCleanup, []string{l.folder}, 1
	l.bear([]string{"a", "a/deep", "b", "b/file1"}, func() {}, o)
}

func TestLogRotationTouchesNothingOutsideWhateverIsSwapped(t *testing.T) {
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("app_2025-12-%02d_21-37-01_%06d.log", 1+i, i), fmt.Sprintf("service%d.log", i))
	}
	l := newLab(t, names...)
	o := jobspec.Defaults()
	o.Task, o.LogDir, o.MaxLogFiles, o.MaxLogSizeMB, o.CompressLogs = jobspec.LogRotation, l.folder, 1, 0.002, true
	l.bear([]string{"a", "a/deep", "b", "b/service1.log"}, func() {}, o)
}
