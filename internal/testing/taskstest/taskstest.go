// Package taskstest runs a task against a generated library in a real database, and sees every command that it sends.
// It is for tests only, and knows no task: what a task should have done, a test asks librarytest.
package taskstest

import (
	_ "embed"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Layouts are the layouts of the real applications.
var Layouts = []librarytest.Layout{librarytest.UCoreFS, librarytest.Web}

//go:embed shop.yaml
var shop []byte

// Declaration is what the product is told of a layout: the built-in declaration, or, for a shop, a third one.
func Declaration(t testing.TB, l librarytest.Layout) library.Library {
	t.Helper()
	if l == librarytest.Shop {
		declared, err := library.Read("shop.yaml", shop)
		if err != nil {
			t.Fatal(err)
		}
		return declared
	}
	name := library.UCoreFSName
	if l == librarytest.Web {
		name = library.WebName
	}
	declared, ok := library.Named(name)
	if !ok {
		t.Fatalf("there is no library %s", name)
	}
	return declared
}

// Bench is one library in a database of its own.
type Bench struct {
	mongotest.Server
	Layout librarytest.Layout
	DB     *mongodb.Database
	// Writer is what the task writes with, under a real lock.
	Writer *mongodb.Writer
	// Env is what the task is given; tests change its options.
	Env tasks.Env
	// Before is called before each command that the task sends, one at a time, but for those that look after the lock;
	// nil: nothing is.
	Before func(connection.Command)

	t         testing.TB
	preparing bool
	seeing    sync.Mutex // a task may send several commands at a time
	writes    []string
}

// RunID is the name of every run.
const RunID = "run-1"

// New is a bench with the documents of a generated library. The caps on deletions are off.
func New(t testing.TB, l librarytest.Library) *Bench {
	t.Helper()
	return On(t, mongotest.New(t), l)
}

// Large is New on a server in memory that takes every collection for a large one, so that it is read in ranges of _id.
func Large(t testing.TB, l librarytest.Library) *Bench {
	t.Helper()
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, EstimateTimes: 1_000_000})
	return On(t, mongotest.At(t, server.URI), l)
}

// On is New in a database of the caller's.
func On(t testing.TB, s mongotest.Server, l librarytest.Library) *Bench {
	t.Helper()
	b := empty(t, s, l.Layout)
	if err := l.Insert(t.Context(), b.Server.DB); err != nil {
		t.Fatal(err)
	}
	return b
}

// Of is a bench with these documents of a layout.
func Of(t testing.TB, l librarytest.Layout, docs librarytest.Docs) *Bench {
	t.Helper()
	b := empty(t, mongotest.New(t), l)
	if err := librarytest.InsertRaw(t.Context(), b.Server.DB, docs); err != nil {
		t.Fatal(err)
	}
	return b
}

func empty(t testing.TB, s mongotest.Server, l librarytest.Layout) *Bench {
	t.Helper()
	b := &Bench{Server: s, Layout: l, t: t}
	b.DB = b.Connect(t, b.see)
	b.Writer = mongotest.Writer(t, b.DB)
	o := jobspec.Defaults()
	o.MaxDeletePercent, o.MaxDeletes = 100, 1_000_000
	b.Env = tasks.Env{
		Options: o, Library: Declaration(t, l), DB: b.DB.Reader(), Checkpoints: stores.Checkpoints(b.Writer),
		Now: librarytest.DefaultNow, Elapsed: new(Clock).Elapsed, RunID: RunID, Log: slog.New(slog.DiscardHandler),
	}
	return b
}

func (b *Bench) see(c connection.Command) {
	if mongotest.Locking(c) {
		return
	}
	b.seeing.Lock()
	defer b.seeing.Unlock()
	collection, _ := c.Document.Index(0).Value().StringValueOK()
	if mongotest.Writes(c) && !(b.preparing && collection == mongodb.CheckpointsCollection) {
		b.writes = append(b.writes, c.Name)
	}
	if b.Before != nil {
		b.Before(c)
	}
}

// Prepare gathers and plans; it fails the test if that sends a write, but for those that keep the task's place.
func (b *Bench) Prepare(task tasks.Task) tasks.Plan {
	b.t.Helper()
	b.writes, b.preparing = nil, true
	defer func() { b.preparing = false }()
	plan, err := task.Prepare(b.t.Context(), b.Env)
	if err != nil {
		b.t.Fatalf("prepare: %v", err)
	}
	if len(b.writes) > 0 {
		b.t.Errorf("gathering and planning sent %v", b.writes)
	}
	return plan
}

// Run prepares and executes. Where there is nothing to execute, what is done is what was planned, as in a run.
func (b *Bench) Run(task tasks.Task) (tasks.Plan, tasks.Done) {
	b.t.Helper()
	plan := b.Prepare(task)
	if plan.Execute == nil {
		return plan, tasks.Done{Counts: plan.Counts, Message: plan.Message, Verdict: plan.Verdict}
	}
	done, err := plan.Execute(b.t.Context(), b.Writer)
	if err != nil {
		b.t.Fatalf("execute: %v", err)
	}
	return plan, done
}

// RunsAgainWithoutAWrite runs a task that has nothing left to do.
func (b *Bench) RunsAgainWithoutAWrite(task tasks.Task) {
	b.t.Helper()
	if b.Run(task); len(b.writes) > 0 {
		b.t.Errorf("the second run sent %v", b.writes)
	}
}

// Read is every document of the library as it is stored now, by collection.
func (b *Bench) Read() librarytest.Docs {
	b.t.Helper()
	docs, err := b.Layout.Read(b.t.Context(), b.Server.DB)
	if err != nil {
		b.t.Fatal(err)
	}
	return docs
}

// An oracle is asked about manySeeds libraries of each layout where the server is in memory, which takes little time
// for one. FerretDB takes most of the time of a test, so that it is asked about one library in ferretShare: other ones
// where it stores in PostgreSQL than where it stores in SQLite, and the server in memory has all of them.
const manySeeds, fromSeeds, ferretShare = 200, 60, 6

// Numbers are the seeds of the libraries of one layout about which an oracle is asked: the first n, or with FerretDB a
// share of them. Where n is fromSeeds or more, it is manySeeds if the server is in memory, and LIBRARIES if that is
// set; SEED is the first then. One library in 25 is an empty database.
func Numbers(t testing.TB, n int) (seeds []int64) {
	t.Helper()
	first, many := 0, n >= fromSeeds
	switch {
	case mongotest.InMemory():
		if many {
			n = manySeeds
		}
	case !mongotest.IsForeign():
		n = (n + ferretShare - 1) / ferretShare
		if mongotest.InPostgreSQL() {
			first = n
		}
	}
	if many {
		first, n = tooltest.Number(t, "SEED", first), tooltest.Number(t, "LIBRARIES", n)
	}
	for i := range n {
		seeds = append(seeds, int64(first+i))
	}
	return seeds
}

// Fewer is how many of n long stories to try: all where the server is in memory, a fifth elsewhere. What they show,
// such as in which order a run writes, is the same on every server.
func Fewer(n int) int {
	if mongotest.InMemory() {
		return n
	}
	return (n + 4) / 5
}

// Seeds runs a test on Numbers of generated libraries of each real layout, two at a time.
func Seeds(t *testing.T, n int, test func(t *testing.T, l librarytest.Layout, seed int64)) {
	t.Helper()
	for _, l := range Layouts {
		for _, seed := range Numbers(t, n) {
			t.Run(l.String(), func(t *testing.T) {
				t.Parallel()
				test(t, l, seed)
				if t.Failed() {
					t.Logf("the library is that of seed %d in layout %s", seed, l)
				}
			})
		}
	}
}

// Same fails the test where a library is not, field by field, what it should be; sets names lists whose order does not
// matter.
func Same(t testing.TB, what string, want, got librarytest.Docs, sets ...string) {
	t.Helper()
	if diff := librarytest.Diff(want, got, sets...); diff != "" {
		t.Errorf("%s:\n%s", what, diff)
	}
}

// SameBytes fails the test where a collection is not, byte by byte, what it was.
func SameBytes(t testing.TB, what string, want, got []bson.Raw) {
	t.Helper()
	w, g := librarytest.ByID(want), librarytest.ByID(got)
	for id, doc := range w {
		if g[id] != doc {
			t.Errorf("%s: %s\nis now %s", what, bson.Raw(doc), bson.Raw(g[id]))
		}
	}
	if len(w) != len(g) {
		t.Errorf("%s: %d documents, there were %d", what, len(g), len(w))
	}
}

// Clock is a time since the start that grows by Tick whenever it is asked.
type Clock struct{ Tick, Now time.Duration }

// Elapsed is what tasks.Env wants.
func (c *Clock) Elapsed() time.Duration { c.Now += c.Tick; return c.Now }
