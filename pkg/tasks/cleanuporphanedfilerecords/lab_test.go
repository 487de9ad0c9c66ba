package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
)

// recorded is what the paths of a lab's records begin with; the files lie elsewhere.
const recorded = "/library/photos"

// lab is one library root on disk, one database, and the task's runs on both.
type lab struct {
	t      *testing.T
	server mongotest.Server
	layout librarytest.Layout
	root   string
	o      jobspec.Options
	now    time.Time     // by the server's clock
	ahead  time.Duration // of the pod's clock
	open   presence.Open
	most   int
	batch  int
	atOnce int // LISTED_AT_ONCE, or as many as there are
	ctx    context.Context
	// sent are the writes since the last run began, as "command collection", without those of the lock.
	sent []string
	// onWrite, if set, is called before each of them with its number, from 1.
	onWrite func(n int)
}

func newLab(t *testing.T) *lab {
	l := &lab{t: t, server: mongotest.New(t), root: filepath.Join(t.TempDir(), "photos"), now: librarytest.DefaultNow,
		ctx:  t.Context(),
		most: maxMissing, batch: batch, atOnce: tooltest.Number(t, "LISTED_AT_ONCE", atOnce)}
	l.open = func(folder string) (presence.Disk, error) { return files.OpenLibrary(folder) }
	l.o = jobspec.Defaults()
	l.o.Task, l.o.MongoDBURI, l.o.Database, l.o.RunID = jobspec.CleanupOrphanedFileRecords, l.server.URI, l.server.Name,
		"run"
	l.o.LibraryRoots, l.o.PathMaps = []string{l.root}, []string{recorded + "=" + l.root}
	l.mkdir(".")
	return l
}

// fearless is a lab whose runs delete at first sight and without limits, so that only what the test is about protects
// the library.
func fearless(t *testing.T) *lab {
	l := newLab(t)
	l.o.GracePeriod, l.o.MaxDeletes, l.o.MaxDeletePercent = 0, 1_000_000, 100
	return l
}

func (l *lab) must(errs ...error) {
	l.t.Helper()
	if err := errors.Join(errs...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) on(file string) string { return filepath.Join(l.root, file) }

func (l *lab) mkdir(folder string) { l.t.Helper(); l.must(os.MkdirAll(l.on(folder), 0o755)) }

func (l *lab) write(names ...string) {
	l.t.Helper()
	for _, name := range names {
		l.mkdir(filepath.Dir(name))
		l.must(os.WriteFile(l.on(name), nil, 0o644))
	}
}

func (l *lab) remove(names ...string) {
	l.t.Helper()
	for _, name := range names {
		l.must(os.RemoveAll(l.on(name)))
	}
}

// record inserts file records, whose ids are their paths below the root.
func (l *lab) record(names ...string) {
	l.t.Helper()
	for _, name := range names {
		l.insert("file_records", bson.D{{Key: "_id", Value: name}, {Key: "path", Value: recorded + "/" + name},
			{Key: "rating", Value: int32(3)}})
	}
}

// recordAt inserts a file record with any path.
func (l *lab) recordAt(id, path string) {
	l.t.Helper()
	l.insert("file_records", bson.D{{Key: "_id", Value: id}, {Key: "path", Value: path}})
}

// keep writes files and records them.
func (l *lab) keep(names ...string) { l.t.Helper(); l.write(names...); l.record(names...) }

func (l *lab) insert(collection string, doc bson.D) {
	l.t.Helper()
	_, err := l.server.DB.Collection(collection).InsertOne(l.t.Context(), doc)
	l.must(err)
}

func (l *lab) run() report.Result {
	l.t.Helper()
	l.sent = nil
	r := runner.Run(l.ctx, l.o, runner.World{
		Tasks: []tasks.Task{settings{l.open, l.most, l.batch, l.atOnce}.task()}, Library: taskstest.Declaration(l.t,
			l.layout),
		Now:        func() time.Time { return l.now.Add(l.ahead) },
		ServerTime: func(context.Context, *mongodb.Reader) (time.Time, error) { return l.now, nil },
		Log:        slog.New(slog.DiscardHandler), Monitor: l.watch,
	})
	r.Warnings = slices.DeleteFunc(r.Warnings,
		func(w string) bool { return strings.HasPrefix(w, "these collections of the library") })
	if r.Reason == report.ReasonInternal && l.ctx.Err() == nil {
		l.t.Fatal(r.Message)
	}
	return r
}

// settle is a first run, which makes the root known; nothing may be missing yet.
func (l *lab) settle() {
	l.t.Helper()
	if r := l.run(); r.Outcome != report.Succeeded || r.Counts["recordsMissing"] != 0 {
		l.t.Fatalf("the first run: %s %v: %s", r.Outcome, r.Counts, r.Message)
	}
}

func (l *lab) watch(c connection.Command) {
	collection, _ := c.Document.Lookup(c.Name).StringValueOK()
	if !mongotest.Writes(c) || collection == mongodb.LocksCollection || mongotest.Entering(c) {
		return
	}
	l.sent = append(l.sent, c.Name+" "+collection)
	if l.onWrite != nil {
		l.onWrite(len(l.sent))
	}
}

// ids are the names of the records that are left, sorted.
func (l *lab) ids() string { return l.idsOf("file_records") }

func (l *lab) idsOf(collection string) string {
	l.t.Helper()
	cursor, err := l.server.DB.Collection(collection).Find(l.t.Context(), bson.D{})
	l.must(err)
	var docs []bson.Raw
	l.must(cursor.All(l.t.Context(), &docs))
	var names []string
	for _, doc := range docs {
		names = append(names, doc.Lookup("_id").StringValue())
	}
	slices.Sort(names) // a server may give them in any order
	return strings.Join(names, " ")
}

// state is every user document, byte by byte.
func (l *lab) state() map[string]string {
	l.t.Helper()
	all := map[string]string{}
	for _, c := range l.layout.Collections() {
		for id, doc := range l.server.Documents(l.t, c) {
			all[c+" "+id] = string(doc)
		}
	}
	return all
}

// expect fails unless a run ended so and these records are left.
func (l *lab) expect(r report.Result, outcome report.Outcome, reason report.Reason, ids string) {
	l.t.Helper()
	if r.Outcome != outcome || r.Reason != reason {
		l.t.Errorf("the run is %s/%s, want %s/%s: %s", r.Outcome, r.Reason, outcome, reason, r.Message)
	}
	want := strings.Fields(ids)
	slices.Sort(want)
	if diff := cmp.Diff(want, strings.Fields(l.ids())); diff != "" {
		l.t.Errorf("%v %s %q: the records that are left (-want +got):\n%s", r.Counts, r.Message, r.Warnings, diff)
	}
}

// errFault is an error of a disk.
var errFault = syscall.EIO

// disk is every path below the root's parent.
func (l *lab) disk() (paths []string) {
	l.t.Helper()
	l.must(filepath.WalkDir(filepath.Dir(l.root), func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	}))
	return paths
}
