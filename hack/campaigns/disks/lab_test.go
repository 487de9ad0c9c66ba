package disks

import (
	"errors"
	"flag"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// recorded is what the paths of the records begin with.
const recorded = "/library"

// living are the files of every library, all of them recorded.
var living = []string{"a", "b", "2019/c", "2019/d", "2019/deep/e", "2019/deep/f", "usb/g", "usb/h", "usb/deep/i",
	"Grüße/ü.jpg"}

// lab is one library: its root is a file system of its own, in a folder that is one, too. Its runs delete at first
// sight and without limits, so that nothing but what is known of the disk protects the records.
type lab struct {
	t    *testing.T
	dir  string // beside the root; it is no part of the library
	root string
	db   mongotest.Server
	o    jobspec.Options
	// during is called when a run has entered the roots and has not listed them yet; nil: nothing is.
	during func()
}

func newLab(t *testing.T, server *strictmongo.Server) *lab {
	l := emptyLab(t, server)
	if os.Getuid() == 0 {
		l.mount(l.root)
	}
	l.write(living...)
	return l
}

// emptyLab is a library whose root holds nothing yet of what is recorded.
func emptyLab(t *testing.T, server *strictmongo.Server) *lab {
	dir, err := os.MkdirTemp("", "disk") // t.TempDir may have a comma in its name, which divides the options of a mount
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l := &lab{t: t, dir: dir, db: mongotest.At(t, server.URI), o: jobspec.Defaults()}
	l.root = filepath.Join(l.dir, "photos")
	l.o.Task, l.o.MongoDBURI, l.o.Database = jobspec.CleanupOrphanedFileRecords, l.db.URI, l.db.Name
	l.o.GracePeriod, l.o.MaxDeletes, l.o.MaxDeletePercent = 0, 1_000_000, 100
	l.o.LibraryRoots, l.o.PathMaps = []string{l.root}, []string{recorded + "=" + l.root}
	if os.Getuid() == 0 {
		l.mount(l.dir)
	}
	l.must(os.Mkdir(l.root, 0o755))
	l.record(living...)
	l.insert("directory_records", bson.D{{Key: "_id", Value: "usb"}, {Key: "path", Value: recorded + "/usb"},
		{Key: "is_root", Value: true}})
	return l
}

func (l *lab) must(errs ...error) {
	l.t.Helper()
	if err := errors.Join(errs...); err != nil {
		l.t.Fatal(err)
	}
}

// mount puts an empty disk on a folder.
func (l *lab) mount(folder string, options ...string) {
	l.t.Helper()
	l.mountOf("tmpfs", "none", folder, 0, strings.Join(append(options, "size=4m"), ","))
}

func (l *lab) mountOf(kind, what, folder string, flags uintptr, data string) {
	l.t.Helper()
	if err := unix.Mount(what, folder, kind, flags, data); err != nil {
		l.t.Fatalf("mount %s on %s: %v", kind, folder, err)
	}
	l.t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW) })
}

func (l *lab) bind(from, to string) { l.t.Helper(); l.mountOf("", from, to, unix.MS_BIND, "") }

// unmount takes a disk away, as when it is pulled out.
func (l *lab) unmount(folder string) { l.t.Helper(); l.must(unix.Unmount(folder, unix.MNT_DETACH)) }

func (l *lab) on(name string) string { return filepath.Join(l.root, name) }

func (l *lab) write(names ...string) {
	l.t.Helper()
	for _, name := range names {
		l.must(os.MkdirAll(filepath.Dir(l.on(name)), 0o755), os.WriteFile(l.on(name), []byte(name), 0o644))
	}
}

func (l *lab) remove(names ...string) {
	l.t.Helper()
	for _, name := range names {
		l.must(os.RemoveAll(l.on(name)))
	}
}

// replaced removes what has a name and gives the name.
func (l *lab) replaced(name string) string { l.t.Helper(); l.remove(name); return l.on(name) }

// aside moves what has a name out of the library, where it is unharmed.
func (l *lab) aside(name string) (now string) {
	l.t.Helper()
	now = filepath.Join(l.dir, "aside")
	l.must(exec.Command("cp", "-a", l.on(name), now).Run())
	l.remove(name)
	return now
}

func (l *lab) record(names ...string) {
	l.t.Helper()
	for _, name := range names {
		l.insert("file_records", bson.D{{Key: "_id", Value: name}, {Key: "path", Value: recorded + "/" + name}})
	}
}

func (l *lab) insert(collection string, doc bson.D) {
	l.t.Helper()
	_, err := l.db.DB.Collection(collection).InsertOne(l.t.Context(), doc)
	l.must(err)
}

func (l *lab) run() report.Result {
	l.t.Helper()
	r := runner.Run(l.t.Context(), l.o, runner.World{
		Tasks: all.Tasks(), Library: taskstest.Declaration(l.t, librarytest.UCoreFS), Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
		Monitor: func(c connection.Command) {
			collection, _ := c.Document.Lookup(c.Name).StringValueOK()
			if l.during != nil && c.Name == "find" && collection == mongodb.MissingCollection {
				during := l.during
				l.during = nil
				during()
			}
		},
	})
	if r.Reason == report.ReasonInternal {
		l.t.Fatal(r.Message)
	}
	return r
}

// settle is a first run on the library as it should be.
func (l *lab) settle() {
	l.t.Helper()
	if r := l.run(); r.Outcome != report.Succeeded {
		l.t.Fatalf("the first run: %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
}

// left are the names of the records that are there.
func (l *lab) left() (names []string) {
	l.t.Helper()
	for _, doc := range l.db.Documents(l.t, "file_records") {
		names = append(names, doc.Lookup("_id").StringValue())
	}
	slices.Sort(names)
	return names
}

func (l *lab) marker() string { return l.on(files.Marker) }

// inMountNamespace runs a test once more, where it may mount: in a process with mounts of its own.
func inMountNamespace(t *testing.T) bool {
	t.Helper()
	const mark = "DISKS_MOUNTS"
	if os.Getenv(mark) == "1" {
		return true
	}
	if os.Getuid() != 0 {
		if os.Getenv("REQUIRE_ALL") == "1" {
			t.Fatal("mounting needs root")
		}
		t.Skip("mounting needs root")
	}
	again(t, &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}, os.Args[0], mark+"=1")
	return false
}

func failfast() string { return flag.Lookup("test.failfast").Value.String() }

// ends tells whether a failed test need not go on.
func ends(t *testing.T) bool { return t.Failed() && failfast() == "true" }

// again runs a test once more in another process.
func again(t *testing.T, as *syscall.SysProcAttr, program string, env ...string) {
	t.Helper()
	cmd := exec.Command(program, "-test.run=^"+t.Name()+"$", "-test.v", "-test.failfast="+failfast())
	cmd.Env, cmd.SysProcAttr = append(os.Environ(), env...), as
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in a process of its own: %v\n%s", err, out)
		return
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "states") {
			t.Log(strings.TrimSpace(line))
		}
	}
}
