package logrotation

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// hour is so many hours before now.
func hour(n int) time.Time { return now.Add(-time.Duration(n) * time.Hour) }

// old makes a small log that was last written so many hours before now.
func old(t *testing.T, dir, name string, hours int) {
	t.Helper()
	write(t, filepath.Join(dir, name), "1 "+name+"\n")
	if err := os.Chtimes(filepath.Join(dir, name), hour(hours), hour(hours)); err != nil {
		t.Fatal(err)
	}
}

// keeping is options that rotate nothing and keep so many files.
func keeping(dir string, keep int) jobspec.Options {
	o := options(dir, 1<<20)
	o.MaxLogFiles = keep
	return o
}

// The fault as it was reported. The names are as UCore FS makes them; nothing was done to the times of the files.
// Seen to fail when only generations were counted: 30 of 30 stayed.
func TestOfThirtyLogFilesTenStay(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for i := range 30 {
		name := fmt.Sprintf("app_2025-12-%02d_21-37-01_%06d.log", 1+i, 97859*i%1_000_000)
		write(t, filepath.Join(dir, name), "line "+name+"\n")
		if i >= 20 {
			want = append(want, name)
		}
	}
	write(t, filepath.Join(dir, "app.log"), "line\n")
	want = append(want, "app.log")
	before := names(dir)
	plan := prepare(t, keeping(dir, 10), now)
	if diff := cmp.Diff(before, names(dir)); diff != "" {
		t.Errorf("the plan alone did something: %s", diff)
	}
	oldest := "delete app_2025-12-01_21-37-01_000000.log"
	if plan.Counts["filesDeleted"] != 20 || plan.Digest == "" || !slices.Contains(plan.Sample, oldest) {
		t.Errorf("%+v", plan)
	}
	done, err := plan.Execute(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan.Counts, done.Counts); diff != "" {
		t.Errorf("planned and done: %s", diff)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(dir)); diff != "" {
		t.Error(diff)
	}
	if again := prepare(t, keeping(dir, 10), now); len(again.Sample) > 0 {
		t.Errorf("a second run finds %q", again.Sample)
	}
}

// ages are when files were last written, in hours before now.
type ages map[string]int

// Every case keeps the newest two. Seen to fail when names decided what is newest, when archives did not belong to
// their log, when every number was taken for a count, when all folders were one, and when a number alone was a name.
func TestWhatStaysOfAFamily(t *testing.T) {
	for name, test := range map[string]struct {
		before ages
		goes   []string
	}{
		"the newest stay, whatever their names say": {
			ages{"a_2026-01-01.log": 30, "a_2026-01-02.log": 90, "a_2026-01-03.log": 50},
			[]string{"a_2026-01-02.log"}},
		"of those that are as old as another the last name stays": {
			ages{"a_2026-01-01.log": 30, "a_2026-01-02.log": 30, "a_2026-01-03.log": 30},
			[]string{"a_2026-01-01.log"}},
		"no more than two stay": {
			ages{"a_2026-01-01.log": 50, "a_2026-01-02.log": 40}, nil},
		"a log without a time is of no family": {
			ages{"app.log": 90, "a_2026-01-02.log": 40, "a_2026-01-03.log": 30}, nil},
		"each program has its own": {
			ages{"w-1_2026-01-01.log": 80, "w-1_2026-01-02.log": 70,
				"w-2_2026-01-03.log": 60, "w-2_2026-01-04.log": 50}, nil},
		"each folder has its own": {
			ages{"a/a_2026-01-01.log": 80, "a/a_2026-01-02.log": 70,
				"b/a_2026-01-03.log": 60, "b/a_2026-01-04.log": 50}, nil},
		"a log goes with its generations and archives": {
			ages{
				"a_2026-01-01.log": 90, "a_2026-01-01.log.20260102-000000": 95,
				"a_2026-01-01.log.1": 96, "a_2026-01-01.log.2.gz": 97,
				"a_2026-01-02.log": 50, "a_2026-01-02.log.1": 55, "a_2026-01-03.log": 40},
			[]string{"a_2026-01-01.log", "a_2026-01-01.log.1", "a_2026-01-01.log.2.gz",
				"a_2026-01-01.log.20260102-000000"}},
		"of a log of which only an archive is left, that is the log": {
			ages{"a_2026-01-01.log.zip": 90, "a_2026-01-02.log.gz": 50, "a_2026-01-03.log": 40},
			[]string{"a_2026-01-01.log.zip"}},
		"an archive that was written late makes its log a new one": {
			ages{"a_2026-01-01.log": 90, "a_2026-01-01.log.1": 30, "a_2026-01-02.log": 50, "a_2026-01-03.log": 40},
			[]string{"a_2026-01-02.log"}},
		"archives of a log alone stay": {
			ages{"app.log": 30, "app.log.1": 50, "app.log.2.gz": 60, "app.log.3.gz": 70}, nil},
		"a number counts where one file followed the other": {
			ages{"run_9.log": 60, "run_10.log": 50, "run_11.log": 40},
			[]string{"run_9.log"}},
		"it does not where a lower number was written later": {
			ages{"worker-1.log": 50, "worker-2.log": 60, "worker-3.log": 40}, nil},
		"nor within a day": {
			ages{"run_1.log": 23, "run_2.log": 22, "run_3.log": 21}, nil},
		"nor where a log was rotated, so that its file is younger than the log": {
			ages{"run_1.log": 60, "run_2.log": 50, "run_3.log": 40, "run_3.log.20260102-000000": 45}, nil},
		"nor alone": {
			ages{"1.log": 60, "2.log": 50, "3.log": 40}, nil},
		"newlines in names are part of them": {
			ages{"a\nb_2026-01-01.log": 60, "a\nb_2026-01-02.log": 50, "a\nb_2026-01-03.log": 40,
				"c\nb_2026-01-01.log": 99},
			[]string{"a\nb_2026-01-01.log"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, hours := range test.before {
				old(t, dir, name, hours)
			}
			var want []string
			for name := range test.before {
				if !slices.Contains(test.goes, name) {
					want = append(want, name)
				}
			}
			slices.Sort(want)
			plan, done := rotate(t, keeping(dir, 2), now)
			if diff := cmp.Diff(want, names(dir)); diff != "" {
				t.Error(diff)
			}
			n := int64(len(test.goes))
			if plan.Counts["filesDeleted"] != n || done.Counts["filesDeleted"] != n || done.Verdict != nil {
				t.Errorf("%+v, %+v", plan.Counts, done)
			}
		})
	}
}

// names are the files below a folder.
func names(dir string) (all []string) {
	_ = filepath.WalkDir(dir, func(name string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			at, _ := filepath.Rel(dir, name)
			all = append(all, at)
		}
		return nil
	})
	slices.Sort(all)
	return all
}

// Seen to fail when the empty file that a rotation had made was the newest of its family.
func TestARotationMakesNoLogNew(t *testing.T) {
	dir := t.TempDir()
	before := ages{"a_2026-01-01.log.20260102-000000": 90, "a_2026-01-02.log": 50, "a_2026-01-03.log": 40}
	for name, hours := range before {
		old(t, dir, name, hours)
	}
	write(t, filepath.Join(dir, "a_2026-01-01.log"), "")
	rotate(t, keeping(dir, 2), now)
	if diff := cmp.Diff([]string{"a_2026-01-02.log", "a_2026-01-03.log"}, names(dir)); diff != "" {
		t.Error(diff)
	}
}

// Both were made before either was written, as by two programs that run. Seen to fail when only the order of the last
// writes was compared.
func TestNumbersOfProgramsThatRanAtTheSameTimeCountNothing(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		write(t, filepath.Join(dir, fmt.Sprintf("worker-%d.log", i)), "")
	}
	made := time.Now()
	for i := range 3 { // in the order of their numbers, after all of them had been made
		name := filepath.Join(dir, fmt.Sprintf("worker-%d.log", i))
		write(t, name, "stopped\n")
		if err := os.Chtimes(name, made, made.Add(time.Duration(i+1)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if plan, _ := rotate(t, keeping(dir, 2), made.Add(1000*time.Hour)); len(plan.Sample) > 0 {
		t.Errorf("planned %q", plan.Sample)
	}
}

// Seen to fail when the time of the last write alone decided.
func TestALogFileThatAProgramHasOpenStays(t *testing.T) {
	dir := t.TempDir()
	for i := range 4 {
		old(t, dir, fmt.Sprintf("app_2026-01-0%d.log", 1+i), 1000-i)
	}
	f, err := os.OpenFile(filepath.Join(dir, "app_2026-01-01.log"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plan, done := rotate(t, keeping(dir, 2), now)
	want := []string{"app_2026-01-01.log", "app_2026-01-03.log", "app_2026-01-04.log"}
	if diff := cmp.Diff(want, names(dir)); diff != "" {
		t.Error(diff)
	}
	if done.Counts["filesDeleted"] != 1 || len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], "app_*.log") {
		t.Errorf("%+v, %+v", plan, done)
	}
}

// Seen to fail when only the plan asked.
func TestALogFileThatIsOpenedAfterThePlanStays(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		old(t, dir, fmt.Sprintf("app_2026-01-0%d.log", 1+i), 1000-i)
	}
	plan := prepare(t, keeping(dir, 2), now)
	f, err := os.OpenFile(filepath.Join(dir, "app_2026-01-01.log"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	done, err := plan.Execute(t.Context(), nil)
	if err != nil || done.Verdict == nil || done.Verdict.Reason != "ChangedMeanwhile" || len(names(dir)) != 3 {
		t.Errorf("%+v, %v", done, err)
	}
}

// On a network file system, or of files of somebody else, nobody says who writes them: then only time does.
func TestWhereWritersAreUnknownADayWithoutWritingDecides(t *testing.T) {
	for name, test := range map[string]struct {
		writing files.Writing
		hours   int
		goes    bool
	}{
		"unknown, and written within a day": {files.WritingUnknown, 23, false},
		"unknown, and not for a day":        {files.WritingUnknown, 24, true},
		"nobody, a moment ago":              {files.NotWritten, 0, true},
		"somebody, long ago":                {files.Written, 10_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := facts{now: now, sights: map[string]sight{"app_2026-01-01.log": {writing: test.writing}}}
			for i, path := range []string{"app_2026-01-01.log", "app_2026-01-02.log"} {
				e := files.Entry{Path: path, Size: 1, Modified: hour(test.hours - i)}
				f.logs = append(f.logs, log{path: path, live: &e})
			}
			gone, warnings := f.surplus(1)
			if gone["app_2026-01-01.log"] != test.goes || gone["app_2026-01-02.log"] || len(warnings) > 0 == test.goes {
				t.Errorf("gone %v, warnings %q", gone, warnings)
			}
		})
	}
}
