package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// TestTheDemonstrationMendsItsLibrary is `make demo` without the cluster: it fails if any task leaves something, if a
// plan changes something, or if what restore brings back is not what was deleted.
func TestTheDemonstrationMendsItsLibrary(t *testing.T) {
	ferretDB := tooltest.Path(t, "ferretdb")
	maintJob := filepath.Join(t.TempDir(), "maint-job")
	build := exec.Command("go", "build", "-o", maintJob, "../../../cmd/maint-job")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build maint-job: %v\n%s", err, out)
	}
	var out, errs bytes.Buffer
	args := []string{"--maint-job=" + maintJob, "--ferretdb=" + ferretDB, "--dir=" + t.TempDir(), "--files=120"}
	if code := run(t.Context(), args, &out, &errs); code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, &out, &errs)
	}
	_, table, _ := strings.Cut(out.String(), "==> Result\n")
	if rows := strings.Count(table, "s\n"); rows < 13 {
		t.Errorf("the table has %d rows, want one for each of 12 tasks and for restore:\n%s", rows, table)
	}
}

func TestAFolderOfSomebodyElseIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "library")
	if err := os.WriteFile(theirs, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := makeFolders(dir); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("the error is %v, want one that names --dir", err)
	}
	if data, err := os.ReadFile(theirs); err != nil || string(data) != "mine" {
		t.Errorf("the file there now holds %q (%v)", data, err)
	}
}

func TestTwoDemosDoNotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	_, release, err := makeFolders(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := makeFolders(dir); err == nil || !strings.Contains(err.Error(), "another demo") {
		t.Errorf("the second demo: %v", err)
	}
	release()
	_, release, err = makeFolders(dir)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	release()
}

func TestEveryTaskIsShown(t *testing.T) {
	out, err := exec.Command("go", "run", "../../../cmd/maint-job", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps() {
		if !bytes.Contains(out, []byte(s.task)) {
			t.Errorf("maint-job list does not know %s", s.task)
		}
	}
	if tasks := bytes.Count(out, []byte("\n")); tasks-len(steps()) > 2 {
		t.Errorf("the demo has %d tasks of\n%s", len(steps()), out)
	}
}

func TestWhatIsLeftIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		row  row
		want string
	}{
		"all is mended":               {row{before: 3, done: 3}, ""},
		"a report leaves all":         {row{before: 3, done: 3, left: 3, expected: 3}, ""},
		"one is left":                 {row{name: "x", before: 3, left: 1, wrong: "files"}, "left 1 files"},
		"a report must not mend":      {row{name: "x", before: 3, expected: 3, wrong: "files"}, "should have left 3"},
		"there was nothing to mend":   {row{name: "x"}, "nothing to do"},
		"it says another number done": {row{name: "x", before: 3, done: 2}, "says that it did 2"},
	} {
		err := (&demo{rows: []row{c.row}}).verdict()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestDocumentsThatDifferAreCounted(t *testing.T) {
	was := generate("/library", 40, librarytest.DefaultNow).Raw()
	if n := differing(was, was); n != 0 {
		t.Errorf("%d documents differ from themselves", n)
	}
	without := librarytest.Docs{"tags": was["tags"][1:]}
	if n := differing(librarytest.Docs{"tags": was["tags"]}, without); n != 1 {
		t.Errorf("%d documents differ where one is missing", n)
	}
}
