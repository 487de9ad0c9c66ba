package disks

import (
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// stride is how many injections are passed over between two: 1 tries each.
func stride(t *testing.T) int { return max(1, tooltest.Number(t, "SYSCALL_STRIDE", 29)) }

// injections are all that can happen to a run that makes so many calls of each kind, or, with a stride, some of it.
func injections(counted map[string]int, stride int) (list []injection) {
	total := 0
	var kinds []string
	for kind, n := range counted {
		total, kinds = total+n, append(kinds, kind)
	}
	slices.Sort(kinds)
	hows := append([]string{"short", "nothing"}, "EIO", "ESTALE", "EACCES", "ENOENT")
	add := func(kind string, n int, forever ...bool) {
		for at := range n {
			for _, how := range hows {
				for _, f := range forever {
					if kind == "" || applies(kind, how) {
						list = append(list, injection{kind, at + 1, f, how})
					}
				}
			}
		}
	}
	for _, kind := range kinds {
		add(kind, counted[kind], false, true)
	}
	add("", total, true)
	some := list[:0]
	for i, one := range list {
		if i%stride == 0 {
			some = append(some, one)
		}
	}
	return some
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("the system calls of another process are root's to answer")
	}
}

// Each system call of a run fails once and for ever, in every way: no record of a file that is there may go, nothing in
// the library may change, and the next run must do what is to be done.
func TestNoRecordIsLostWhateverSystemCallFails(t *testing.T) {
	needsRoot(t)
	if !inMountNamespace(t) {
		return
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	for name, settle := range map[string]bool{"a root that is known": true, "a new root": false} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, server)
			if settle {
				l.settle()
			}
			l.record("gone", "2019/gone")
			before := server.Snapshot()
			_, counted := injected(t, l.o, l.dir, injection{})
			tree := l.tree()
			list := injections(counted, stride(t))
			for _, i := range list {
				server.Restore(before)
				if !settle {
					l.remove(files.Marker)
				}
				r, _ := injected(t, l.o, l.dir, i)
				l.unharmed(fmt.Sprintf("%s: %s/%s %s", i, r.Outcome, r.Reason, r.Message), tree)
				if r := l.run(); r.Outcome != report.Succeeded || slices.Contains(l.left(), "gone") {
					t.Errorf("%s: the run after that is %s/%s: %s", i, r.Outcome, r.Reason, r.Message)
				}
				if ends(t) {
					return
				}
			}
			t.Logf("%d states of failing calls, of %d calls, 0 records lost", len(list), sum(counted))
		})
	}
}

func sum(counted map[string]int) (n int) {
	for _, c := range counted {
		n += c
	}
	return n
}

// unharmed fails where a record of a living file is lost, or anything but the marker changed on disk.
func (l *lab) unharmed(what string, tree []string) {
	l.t.Helper()
	left := l.left()
	for _, name := range living {
		if !slices.Contains(left, name) {
			l.t.Errorf("%s: the record %s is lost", what, name)
		}
	}
	without := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return strings.Contains(s, files.Marker) })
	}
	if diff := cmp.Diff(without(tree), without(l.tree())); diff != "" {
		l.t.Errorf("%s: the library is another:\n%s", what, diff)
	}
}

func (l *lab) tree() []string { return treeOf(l.t, l.root) }

// treeOf is every file below a folder, with its content.
func treeOf(t *testing.T, folder string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		content := ""
		if d.Type().IsRegular() {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = string(raw)
		}
		list = append(list, fmt.Sprintf("%s %s %q", path, d.Type(), content))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Whatever call fails, cache-cleanup deletes old files of its folder only.
func TestCacheCleanupDeletesNothingElseWhateverSystemCallFails(t *testing.T) {
	needsRoot(t)
	dir := t.TempDir()
	folder, outside := dir+"/cache", dir+"/outside"
	lay := func() { layCache(t, folder, outside) }
	o := jobspec.Defaults()
	o.Task, o.CacheDirs, o.MaxAgeDays = jobspec.CacheCleanup, []string{folder}, 1
	lay()
	want := treeOf(t, outside)
	_, counted := injected(t, o, dir, injection{})
	list := injections(counted, stride(t))
	for _, i := range list {
		lay()
		injected(t, o, dir, i)
		if diff := cmp.Diff(want, treeOf(t, outside)); diff != "" {
			t.Fatalf("%s: what is outside is another:\n%s", i, diff)
		}
		for _, name := range []string{"new", "a/new", "CACHEDIR.TAG", "a/deep/new"} {
			if _, err := os.Lstat(folder + "/" + name); err != nil {
				t.Errorf("%s: %v", i, err)
			}
		}
	}
	t.Logf("%d states of failing calls, of %d calls", len(list), sum(counted))
}

func layCache(t *testing.T, folder, outside string) {
	t.Helper()
	old := time.Now().Add(-100 * 24 * time.Hour)
	put := func(name string, at time.Time) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"old", "a/old", "a/old2", "a/deep/old", "b/old"} {
		put(folder+"/"+name, old)
		put(outside+"/"+name, old)
	}
	for _, name := range []string{"new", "a/new", "a/deep/new", "CACHEDIR.TAG"} {
		put(folder+"/"+name, time.Now())
	}
	_ = os.Symlink(outside, folder+"/link")
	_ = os.Symlink(outside+"/old", folder+"/a/link")
}

// Whatever call fails, log-rotation loses no line.
func TestLogRotationLosesNoLineWhateverSystemCallFails(t *testing.T) {
	needsRoot(t)
	for name, copyTruncate := range map[string]bool{"renaming": false, "copying": true} {
		t.Run(name, func(t *testing.T) {
			o := jobspec.Defaults()
			o.Task, o.MaxLogFiles, o.MaxLogSizeMB, o.CompressLogs, o.LogCopyTruncate = jobspec.LogRotation, 50, 0.0001, true,
				copyTruncate
			dir := t.TempDir()
			o.LogDir = layLogs(t, dir+"/first")
			_, counted := injected(t, o, o.LogDir, injection{})
			list := injections(counted, stride(t))
			for n, i := range list {
				o.LogDir = layLogs(t, fmt.Sprintf("%s/%d", dir, n))
				injected(t, o, o.LogDir, i)
				if missing := missingLines(t, o.LogDir); len(missing) > 0 {
					t.Errorf("%s: lines are lost: %v\n%s", i, missing, strings.Join(treeOf(t, o.LogDir), "\n"))
				}
				if err := os.RemoveAll(o.LogDir); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d states of failing calls, of %d calls", len(list), sum(counted))
		})
	}
}

const lines = 40

// layLogs makes logs of numbered lines.
func layLogs(t *testing.T, folder string) string {
	t.Helper()
	old := time.Now().Add(-100 * time.Hour)
	for _, name := range []string{"a.log", "sub/b.log", "a.log.20260101-000000", "sub/b.log.20260102-000000"} {
		var text strings.Builder
		for n := range lines {
			fmt.Fprintf(&text, "%s line %d\n", filepath.Base(name), n)
		}
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// missingLines are the lines that no file has any more, compressed or not.
func missingLines(t *testing.T, folder string) (missing []string) {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var r io.Reader = f
		if strings.HasSuffix(path, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				return nil // a part that no run takes for whole
			}
		}
		_, _ = io.Copy(&all, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.log", "b.log", "a.log.20260101-000000", "b.log.20260102-000000"} {
		for n := range lines {
			if line := fmt.Sprintf("%s line %d\n", name, n); !strings.Contains(all.String(), line) {
				missing = append(missing, strings.TrimSpace(line))
			}
		}
	}
	return missing
}
