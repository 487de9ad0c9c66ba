package logrotation

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logfile"
	"ucorefs.io/maintenance/pkg/logname"
	"ucorefs.io/maintenance/pkg/report"
)

// Seen to fail when a refused chown was of no account: the log was renamed, and its program could not write the new
// one.
func TestALogWhoseOwnerCannotBeKeptStaysAsItIs(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a log of somebody else")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "app.log"), "large enough\n")
	modes := map[string]os.FileMode{filepath.Dir(dir): 0o755, dir: 0o777, filepath.Join(dir, "app.log"): 0o644}
	for name, mode := range modes {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	tooltest.AsNobody(t)
	plan, done := rotate(t, options(dir, 3), now)
	if diff := cmp.Diff(map[string]string{"app.log": "large enough\n"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	v := done.Verdict
	if v == nil || v.Reason != report.ReasonNotPermitted || done.Counts["filesRotated"] != 0 {
		t.Errorf("planned %+v, done %+v", plan.Counts, done)
	}
	if len(done.Warnings) != 1 || !strings.Contains(done.Warnings[0], "run log-rotation as user 0 and group 0, or") {
		t.Errorf("warnings %q", done.Warnings)
	}
}

// renaming is a folder in which something comes before a rename.
type renaming struct {
	logfile.Disk
	before func(base string) error
}

func (d renaming) Rename(e files.Entry, base string) error {
	if err := d.before(base); err != nil {
		return err
	}
	return d.Disk.Rename(e, base)
}

// rotateOn rotates app.log in a folder.
func rotateOn(t *testing.T, dir string, before func(base string) error) *rotating {
	t.Helper()
	write(t, filepath.Join(dir, "app.log"), "large enough\n")
	root, err := files.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	e, err := root.Look("app.log")
	if err != nil {
		t.Fatal(err)
	}
	r := &rotating{Rotator: logfile.Rotator{Disk: renaming{root, before}}, counts: report.Counts{}, logged: func() {}}
	if err := r.all(t.Context(), plan{work: []work{{rotate: &rotation{e, "app.log.20260304-050607"}}}}); err != nil {
		t.Fatal(err)
	}
	return r
}

// Seen to fail when the count came only after all had succeeded: the log was rotated and none was reported.
func TestARotationThatFailsAfterTheRenameIsCounted(t *testing.T) {
	dir := t.TempDir()
	r := rotateOn(t, dir, func(base string) error {
		if base == "app.log" {
			return errFault
		}
		return nil
	})
	if r.counts["filesRotated"] != 1 || r.failed.N != 1 || r.reason != report.ReasonNotPermitted {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(map[string]string{"app.log.20260304-050607": "large enough\n"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// The writer seeks to where it was, as one does that opened its log without O_APPEND. Seen to fail when a hole was
// copied, and when the size of the file counted: each run rotated, and each generation was NUL bytes but for a line.
func TestAProgramThatDoesNotAppendFillsNoGenerationWithNULs(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "app.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	o := options(dir, 10_000)
	o.LogCopyTruncate = true
	want := map[string]string{}
	for round := range 3 {
		text := strings.Repeat(fmt.Sprintf("line of round %d\n", round), 1000)
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		at := now.Add(time.Duration(round) * time.Second)
		plan, done := rotate(t, o, at)
		told := strings.Contains(strings.Join(plan.Warnings, ""), "does not append")
		if done.Counts["filesRotated"] != 1 || told != (round > 0) {
			t.Errorf("round %d: %+v, warnings %q", round, done.Counts, plan.Warnings)
		}
		want["app.log."+logname.Next(at, logname.Version{}).String()] = text
		if _, err := f.WriteString("little\n"); err != nil {
			t.Fatal(err)
		}
		if plan, _ := rotate(t, o, at.Add(time.Hour)); len(plan.Sample) > 0 {
			t.Errorf("round %d: what is in the log is small, and %q was planned", round, plan.Sample)
		}
		if err := f.Truncate(0); err != nil { // the little line does not matter any more
			t.Fatal(err)
		}
	}
	got := tree(t, dir)
	delete(got, "app.log")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Seen to fail when the plain generation was compressed over it.
func TestACompressedFileOfAnotherIsNotOverwritten(t *testing.T) {
	const gen = "app.log.20260101-000000"
	for name, there := range map[string]func(t *testing.T, name string){
		"a compressed text":        func(t *testing.T, name string) { writeGzip(t, name, "another's\n") },
		"what is no gzip at all":   func(t *testing.T, name string) { write(t, name, "no gzip") },
		"the beginning of a gzip":  func(t *testing.T, name string) { write(t, name, "\x1f\x8b\x08\x00") },
		"an empty file":            func(t *testing.T, name string) { write(t, name, "") },
		"the same text and a line": func(t *testing.T, name string) { writeGzip(t, name, "mine\nand more\n") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, gen), "mine\n")
			write(t, filepath.Join(dir, gen+".1"), "newest\n")
			there(t, filepath.Join(dir, gen+".gz"))
			before, err := os.ReadFile(filepath.Join(dir, gen+".gz"))
			if err != nil {
				t.Fatal(err)
			}
			o := options(dir, 1000)
			o.CompressLogs = true
			if _, done := rotate(t, o, now); done.Counts["filesCompressed"] != 1 || done.Verdict != nil {
				t.Errorf("%+v", done)
			}
			if after, err := os.ReadFile(filepath.Join(dir, gen+".gz")); err != nil || string(after) != string(before) {
				t.Errorf("%q became %q, %v", before, after, err)
			}
			if text, err := content(filepath.Join(dir, gen+".2.gz")); err != nil || text != "mine\n" {
				t.Errorf("%q, %v, in %q", text, err, names(dir))
			}
			if got := names(dir); len(got) != 3 {
				t.Errorf("left: %q", got)
			}
		})
	}
}

// Seen to fail when only the newest generation counted as written.
func TestAGenerationThatAProgramHasOpenIsNotCompressed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "app.log.20260101-000000"), "line 0\n")
	f, err := os.OpenFile(filepath.Join(dir, "app.log.20260101-000000"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	write(t, filepath.Join(dir, "app.log.20260101-000001"), "newest\n")
	o := options(dir, 1000)
	o.CompressLogs = true
	plan, done := rotate(t, o, now)
	if len(plan.Sample) > 0 || done.Counts["filesCompressed"] != 0 || done.Verdict != nil {
		t.Errorf("%q, %+v", plan.Sample, done)
	}
	if len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], "app.log.20260101-000000 is still open") {
		t.Errorf("warnings %q", plan.Warnings)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, done := rotate(t, o, now); done.Counts["filesCompressed"] != 1 {
		t.Errorf("nobody writes it: %+v", done)
	}
}

// Seen to fail when only what is known to be written was left alone.
func TestWhereWritersAreUnknownAGenerationIsCompressedAfterADayWithoutWriting(t *testing.T) {
	for hours, want := range map[int]int{23: 0, 24: 1} {
		l := log{path: "app.log"}
		for i, hours := range []int{0, hours} {
			e := files.Entry{Path: fmt.Sprintf("app.log.20260101-00000%d", 9-i), Size: 10, Modified: hour(hours)}
			_, _, v := logname.Parse(e.Path)
			l.generations = append(l.generations, generation{version: v, plain: &e})
		}
		o := options("/logs", 1000)
		o.CompressLogs = true
		p := decide(facts{now: now, root: &files.Root{}, logs: []log{l}}, o)
		if counts, _ := p.summary(); counts["filesCompressed"] != int64(want) {
			t.Errorf("after %d hours: %+v", hours, p)
		}
	}
}

// Seen to fail when the compressed file was as new as the run: its log then was the newest of its family.
func TestACompressedGenerationIsAsOldAsThePlainOne(t *testing.T) {
	dir := t.TempDir()
	old(t, dir, "app.log.20260101-000000", 1000)
	old(t, dir, "app.log.20260101-000001", 900)
	o := options(dir, 1000)
	o.CompressLogs = true
	rotate(t, o, now)
	info, err := os.Stat(filepath.Join(dir, "app.log.20260101-000000.gz"))
	if err != nil || !info.ModTime().Equal(hour(1000)) {
		t.Errorf("%v, %v", info, err)
	}
}

// Seen to fail when a newline ended a name: generations were not seen, and were neither counted nor deleted.
func TestANameWithANewlineIsANameLikeOthers(t *testing.T) {
	dir := t.TempDir()
	for i, text := range []string{"1\n", "2\n", "3\n"} {
		write(t, filepath.Join(dir, fmt.Sprintf("a\nb.log.20260101-00000%d", i)), text)
	}
	write(t, filepath.Join(dir, "a\nb.log"), "large enough\n")
	o := options(dir, 3)
	o.MaxLogFiles, o.CompressLogs = 2, true
	plan, _ := rotate(t, o, now)
	want := map[string]string{
		"a\nb.log": "", "a\nb.log.20260304-050607": "large enough\n", "a\nb.log.20260101-000002.gz": "3\n",
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	for _, line := range plan.Sample {
		if strings.Contains(line, "\n") {
			t.Errorf("a line breaks: %q", line)
		}
	}
}
