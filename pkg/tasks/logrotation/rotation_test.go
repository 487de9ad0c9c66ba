package logrotation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Seen to fail when what decides took the newest generation for one like the others, and when the generation to come
// was not counted.
func TestWhatOneRunDoes(t *testing.T) {
	const stamp, log = "20260304-05060", "a line, which is larger than ten bytes\n"
	gen := func(name string, second int) string { return fmt.Sprintf("%s.%s%d", name, stamp, second) }
	for name, test := range map[string]struct {
		before   map[string]string
		keep     int
		compress bool
		after    map[string]string
	}{
		"a small log stays": {map[string]string{"a.log": "small"}, 3, true,
			map[string]string{"a.log": "small"}},
		"an empty log stays": {map[string]string{"a.log": ""}, 3, true, map[string]string{"a.log": ""}},
		"a large log becomes a generation": {map[string]string{"a.log": log}, 3, true, map[string]string{"a.log": "",
			gen("a.log", 7): log}},
		"so does one in a sub-folder": {map[string]string{"s/t/a.log": log}, 3, true, map[string]string{"s/t/a.log": "",
			gen("s/t/a.log", 7): log}},
		"the second rotation in a second has a name of its own": {
			map[string]string{"a.log": log, gen("a.log", 7): "1"}, 3, false,
			map[string]string{"a.log": "", gen("a.log", 7): "1", gen("a.log", 7) + ".1": log}},
		"what was the newest is compressed when another one comes": {
			map[string]string{"a.log": log, gen("a.log", 1): "1"}, 3, true,
			map[string]string{"a.log": "", gen("a.log", 1) + ".gz": "1", gen("a.log", 7): log}},
		"the newest stays plain when no other comes": {
			map[string]string{"a.log": "", gen("a.log", 1): "1", gen("a.log", 2): "2"}, 3, true,
			map[string]string{"a.log": "", gen("a.log", 1) + ".gz": "1", gen("a.log", 2): "2"}},
		"nothing is compressed unless it is wanted": {
			map[string]string{"a.log": "", gen("a.log", 1): "1", gen("a.log", 2): "2"}, 3, false,
			map[string]string{"a.log": "", gen("a.log", 1): "1", gen("a.log", 2): "2"}},
		"the oldest go": {
			map[string]string{"a.log": log, gen("a.log", 1) + ".gz": "1", gen("a.log", 2): "2", gen("a.log", 2) + ".1": "3",
				gen("a.log", 2) + ".10": "4"}, 2, false,
			map[string]string{"a.log": "", gen("a.log", 2) + ".10": "4", gen("a.log", 7): log}},
		"with one to keep, the rotated one stays": {
			map[string]string{"a.log": log, gen("a.log", 1): "1"}, 1, true, map[string]string{"a.log": "",
				gen("a.log", 7): log}},
		"generations of a log that is gone are kept like others": {
			map[string]string{gen("a.log", 1): "1", gen("a.log", 2): "2", gen("a.log", 3): "3"}, 2, true,
			map[string]string{gen("a.log", 2) + ".gz": "2", gen("a.log", 3): "3"}},
		"each log counts for itself": {
			map[string]string{"a.log": log, "b.log": log, gen("a.log", 1): "1", gen("b.log", 1): "1"}, 2, false,
			map[string]string{"a.log": "", "b.log": "", gen("a.log", 1): "1", gen("b.log", 1): "1", gen("a.log", 7): log,
				gen("b.log", 7): log}},
		"files with other names are left alone": {
			map[string]string{"a.log.1": log, "a.log-20260101": log, "a.txt": log, "a.log.20260101": log, "x.tmp": log}, 1, true,
			map[string]string{"a.log.1": log, "a.log-20260101": log, "a.txt": log, "a.log.20260101": log, "x.tmp": log}},
		"what a killed run left is removed, or finished": {
			map[string]string{"a.log": "", gen("a.log", 1): "1", gen("a.log", 1) + ".gz": "1",
				gen("a.log", 2) + ".gz.tmp": "half", gen("a.log", 3) + ".tmp": "half", gen("a.log", 2): "2"}, 3, false,
			map[string]string{"a.log": "", gen("a.log", 1) + ".gz": "1", gen("a.log", 2): "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.before {
				if strings.HasSuffix(name, ".gz") {
					writeGzip(t, filepath.Join(dir, name), text)
				} else {
					write(t, filepath.Join(dir, name), text)
				}
			}
			o := options(dir, 10)
			o.MaxLogFiles, o.CompressLogs = test.keep, test.compress
			plan, done := rotate(t, o, now)
			if diff := cmp.Diff(test.after, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
			for _, key := range []string{"filesRotated", "filesDeleted", "filesCompressed"} {
				if plan.Counts[key] != done.Counts[key] {
					t.Errorf("%s: planned %d, done %d", key, plan.Counts[key], done.Counts[key])
				}
			}
			if plan, _ := rotate(t, o, now.Add(time.Hour)); len(plan.Sample) > 0 {
				t.Errorf("a second run finds %q to do", plan.Sample)
			}
		})
	}
}

func TestTheNewLogIsLikeTheOld(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.log")
	write(t, name, "large enough\n")
	if err := os.Chmod(name, 0o662); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(name, 12, 34); err != nil {
			t.Fatal(err)
		}
	}
	var before, after unix.Stat_t
	if err := unix.Stat(name, &before); err != nil {
		t.Fatal(err)
	}
	rotate(t, options(dir, 5), now)
	if err := unix.Stat(name, &after); err != nil {
		t.Fatal(err)
	}
	if before.Mode != after.Mode || before.Uid != after.Uid || before.Gid != after.Gid || before.Ino == after.Ino ||
		after.Size != 0 {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// Seen to fail when a walk took links and pipes for files: they were rotated.
func TestWhatIsNoRegularFileIsLeftAlone(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "a.log"), "large enough\n")
	for _, err := range []error{
		os.Symlink(filepath.Join(outside, "a.log"), filepath.Join(dir, "link.log")),
		os.Symlink(outside, filepath.Join(dir, "folder")),
		unix.Mkfifo(filepath.Join(dir, "pipe.log"), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, truncate := range []bool{false, true} {
		o := options(dir, 0)
		o.LogCopyTruncate = truncate
		if plan, done := rotate(t, o, now); len(plan.Sample) > 0 || done.Counts["filesRotated"] > 0 {
			t.Errorf("%+v", done)
		}
	}
	if diff := cmp.Diff(map[string]string{"a.log": "large enough\n"}, tree(t, outside)); diff != "" {
		t.Error(diff)
	}
}

func TestCopyAndTruncateKeepsTheFileAndWarns(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.log")
	write(t, name, "before\n")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	o := options(dir, 3)
	o.LogCopyTruncate = true
	plan, _ := rotate(t, o, now)
	if len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], "lost") {
		t.Errorf("warnings %q", plan.Warnings)
	}
	if _, err := f.WriteString("after\n"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.log": "after\n", "a.log.20260304-050607": "before\n"},
		tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestAProgramThatDoesNotReopenIsNamed(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.log")
	write(t, name, "before\n")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if plan, _ := rotate(t, options(dir, 3), now); len(plan.Warnings) > 0 {
		t.Errorf("warnings %q", plan.Warnings)
	}
	old := time.Now().Add(-time.Minute)
	if err := errors.Join(os.Chtimes(name, old, old),
		func() error { _, err := f.WriteString("after\n"); return err }()); err != nil {
		t.Fatal(err)
	}
	if plan, _ := rotate(t, options(dir, 3), now); len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0],
		"a.log.20260304-050607") {
		t.Errorf("warnings %q", plan.Warnings)
	}
}

func TestFoldersThatCannotBeWorkedOn(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "library/logs/a.log"), "large enough\n")
	write(t, filepath.Join(dir, "file"), "x")
	for name, test := range map[string]struct {
		folder  string
		outcome report.Outcome // empty: an error about the configuration
	}{
		"one that does not exist":  {filepath.Join(dir, "none"), report.Succeeded},
		"no folder at all":         {"", ""},
		"a file":                   {filepath.Join(dir, "file"), ""},
		"the system's own":         {"/var/log", report.Refused},
		"one in the library":       {filepath.Join(dir, "library/logs"), report.Refused},
		"one that has the library": {dir, report.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(test.folder, 3)
			o.LibraryRoots = []string{filepath.Join(dir, "library")}
			plan, err := Task().Prepare(t.Context(), tasks.Env{Options: o, Now: now})
			var config *tasks.Error
			switch {
			case test.outcome == "":
				if !errors.As(err, &config) || config.Reason != report.ReasonConfiguration {
					t.Errorf("%v", err)
				}
			case err != nil:
				t.Error(err)
			case test.outcome == report.Refused:
				if plan.Verdict == nil || plan.Verdict.Reason != report.ReasonUnsafeFolder {
					t.Errorf("%+v", plan.Verdict)
				}
			default:
				done, err := plan.Execute(t.Context(), nil)
				if err != nil || done.Verdict != nil || !strings.HasPrefix(done.Message, "nothing to do: the log folder") {
					t.Errorf("%+v, %v", done, err)
				}
			}
		})
	}
	if got := tree(t, filepath.Join(dir, "library")); got["logs/a.log"] == "" {
		t.Errorf("%v", got)
	}
}

func TestADryRunNamesThePlanAndTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	for i := range 30 {
		write(t, filepath.Join(dir, fmt.Sprintf("%d.log", i)), "large enough\n")
	}
	before := tree(t, dir)
	one, two := prepare(t, options(dir, 3), now), prepare(t, options(dir, 3), now.Add(time.Hour))
	if one.Digest == "" || one.Digest != two.Digest || len(one.Sample) != tasks.SampleSize ||
		one.Counts["filesRotated"] != 30 {
		t.Errorf("%+v\n%+v", one, two)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}
