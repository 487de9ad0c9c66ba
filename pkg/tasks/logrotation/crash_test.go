package logrotation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/logfile"
	"ucorefs.io/maintenance/pkg/report"
)

var errFault = errors.New("a fault that was planted")

// faulty is a real folder in which the operation number at fails: only that one, or, as after a kill, that one and
// all that come after. An operation fails before it does anything.
type faulty struct {
	logfile.Disk
	at     int
	killed bool
	n      int
}

func (f *faulty) fault() error {
	f.n++
	if f.n == f.at || f.killed && f.n > f.at {
		return errFault
	}
	return nil
}

func (f *faulty) Rename(e files.Entry, base string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Rename(e, base)
}

func (f *faulty) Create(name string, like files.Entry) (*os.File, error) {
	return f.create(f.Disk.Create, name, like)
}

func (f *faulty) CreateCopy(name string, like files.Entry) (*os.File, error) {
	return f.create(f.Disk.CreateCopy, name, like)
}

type creator func(name string, like files.Entry) (*os.File, error)

// create leaves a half-written file behind when it fails: the next run meets it.
func (f *faulty) create(create creator, name string, like files.Entry) (*os.File, error) {
	if err := f.fault(); err != nil {
		made, created := create(name, like)
		if created == nil {
			_, _ = made.WriteString("hal")
			_ = made.Close()
		}
		return nil, err
	}
	return create(name, like)
}

func (f *faulty) OpenFile(e files.Entry, write bool) (*os.File, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Disk.OpenFile(e, write)
}

func (f *faulty) Look(name string) (files.Entry, error) {
	if err := f.fault(); err != nil {
		return files.Entry{}, err
	}
	return f.Disk.Look(name)
}

func (f *faulty) Delete(e files.Entry) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Delete(e)
}

func (f *faulty) Sync(folder string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Sync(folder)
}

// runFaulty makes and carries out a plan, with a fault in it. It is false where the run was over before the fault.
func runFaulty(t *testing.T, o jobspec.Options, f *faulty) bool {
	t.Helper()
	root, err := files.Open(o.LogDir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	found := facts{root: root, now: now}
	if err := found.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	found.inspect(o)
	p := decide(found, o)
	f.Disk = root
	rotator := logfile.Rotator{Disk: f, CopyTruncate: p.copyTruncate, Ending: p.ending}
	r := rotating{Rotator: rotator, counts: report.Counts{}, logged: func() {}}
	if err := r.all(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if f.n >= f.at && r.failed.N == 0 {
		t.Errorf("the fault in operation %d was not noted", f.at)
	}
	return f.n >= f.at
}

// lay makes two logs of numbered lines and generations of them.
func lay(t *testing.T, dir string) (lines int) {
	t.Helper()
	for _, name := range []string{"a.log", "a.log.20260101-000000", "a.log.20260101-000000.1",
		"sub/b.log.20260101-000000.gz", "sub/b.log", "sub/b.log.20260102-000000"} {
		var text strings.Builder
		for range 50 {
			fmt.Fprintf(&text, "line %d\n", lines)
			lines++
		}
		if name = filepath.Join(dir, name); strings.HasSuffix(name, ".gz") {
			writeGzip(t, name, text.String())
		} else {
			write(t, name, text.String())
		}
	}
	return lines
}

// Seen to fail when a log was compressed to its last name at once, when the plain generation was deleted before the
// compressed one had its name, and when the next run did not remove temporary files.
func TestNoLineIsLostWhateverFails(t *testing.T) {
	for name, mode := range map[string]struct{ truncate, killed bool }{
		"a rename and create that is killed": {false, true},
		"a rename and create with one error": {false, false},
		"a copy and truncate that is killed": {true, true},
		"a copy and truncate with one error": {true, false},
	} {
		t.Run(name, func(t *testing.T) {
			for at := 1; ; at++ {
				dir := t.TempDir()
				written := lay(t, dir)
				o := options(dir, 20)
				o.CompressLogs, o.LogCopyTruncate, o.MaxLogFiles = true, mode.truncate, 100
				o.CompressZstd = mode.truncate
				met := runFaulty(t, o, &faulty{at: at, killed: mode.killed})
				checkLines(t, at, lines(t, dir), written, mode.truncate)
				for range 2 { // the next runs finish it
					rotate(t, o, now)
				}
				checkLines(t, at, lines(t, dir), written, mode.truncate)
				checkTidy(t, at, tree(t, dir))
				if !met {
					if at < 20 {
						t.Errorf("%d operations only: the test tests nothing", at)
					}
					return
				}
			}
		})
	}
}

func checkLines(t *testing.T, at int, got map[string]int, want int, mayDouble bool) {
	t.Helper()
	for i := range want {
		if n := got[fmt.Sprintf("line %d", i)]; n == 0 || n > 1 && !mayDouble {
			t.Fatalf("fault %d: line %d is there %d times", at, i, n)
		}
	}
}

// checkTidy wants no temporary file, and no generation twice.
func checkTidy(t *testing.T, at int, all map[string]string) {
	t.Helper()
	for name := range all {
		_, gzip := all[name+logfile.Gzip]
		if _, zstd := all[name+logfile.Zstd]; gzip || zstd || strings.HasSuffix(name, ".tmp") {
			t.Errorf("fault %d: %s was left", at, name)
		}
	}
}
