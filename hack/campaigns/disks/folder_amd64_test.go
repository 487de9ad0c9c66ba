package disks

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// workshop is a folder that a task works on, with things of other people in it and beside it.
type workshop struct {
	t      *testing.T
	folder string
	beside string // on the same disk, and not of the folder
	o      jobspec.Options
	theirs map[string]string // the content of files that no run may change, by their paths
	// refused is a kind of system call that the disk refuses; empty: none. Nobody's runs have no rights of root.
	refused string
	nobody  bool
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	dir, err := os.MkdirTemp("", "disk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &workshop{
		t: t, folder: dir + "/folder", beside: dir + "/beside", o: jobspec.Defaults(), theirs: map[string]string{},
	}
	w.must(os.Chmod(dir, 0o755))
	w.must(os.Mkdir(w.folder, 0o777))
	w.must(os.Mkdir(w.beside, 0o755))
	w.must(os.Chmod(w.folder, 0o777))
	return w
}

func (w *workshop) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) on(name string) string { return filepath.Join(w.folder, name) }

func (w *workshop) write(path, content string) {
	w.t.Helper()
	w.must(os.MkdirAll(filepath.Dir(path), 0o755))
	w.must(os.WriteFile(path, []byte(content), 0o644))
	old := time.Now().Add(-1000 * time.Hour)
	w.must(os.Chtimes(path, old, old))
}

// their is a file that is another's.
func (w *workshop) their(path, content string) {
	w.t.Helper()
	w.write(path, content)
	w.theirs[path] = content
}

// mount puts something on a folder below the workshop's.
func (w *workshop) mount(kind, what, name string, flags uintptr, data string) {
	w.t.Helper()
	w.must(os.MkdirAll(w.on(name), 0o755))
	w.must(unix.Mount(what, w.on(name), kind, flags, data))
	w.t.Cleanup(func() { _ = unix.Unmount(w.on(name), unix.MNT_DETACH) })
}

func (w *workshop) run() report.Result {
	w.t.Helper()
	switch {
	case w.nobody:
		return runAsNobody(w.t, w.o)
	case w.refused != "":
		r, _ := injected(w.t, w.o, w.folder, injection{kind: w.refused, at: 1, forever: true, how: "EPERM"})
		return r
	}
	return runner.Run(w.t.Context(), w.o, runner.World{
		Tasks: all.Tasks(), Library: taskstest.Declaration(w.t, librarytest.UCoreFS), Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
}

// unharmed fails where a file of another is gone or has changed.
func (w *workshop) unharmed(when string) {
	w.t.Helper()
	for path, want := range w.theirs {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			w.t.Errorf("%s: %s was %q and is %q, %v", when, path, want, got, err)
		}
	}
}
