// Package taskstest runs a task against a generated library in a real database, and sees every command that it sends. It is for
// tests only, and knows no task: what a task should have done, a test asks librarytest.
package taskstest

import (
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/mongotest"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Bench is one library in a database of its own.
type Bench struct {
	mongotest.Server
	Library librarytest.Library
	DB      *mongodb.Database
	// Writer is what the task writes with, under a real lock.
	Writer *mongodb.Writer
	// Env is what the task is given; tests change its options.
	Env tasks.Env
	// Before is called before each command that the task sends, but for those that look after the lock; nil: nothing is.
	Before func(mongodb.Command)

	t         testing.TB
	preparing bool
	writes    []string
}

// RunID is the name of every run.
const RunID = "run-1"

// New is a bench with the documents of l that tasks on references and counters read. The caps on deletions are off.
func New(t testing.TB, l librarytest.Library) *Bench {
	t.Helper()
	b := &Bench{Server: mongotest.New(t), Library: l, t: t}
	for _, name := range []string{l.Model.Tasks.Collection, l.Model.Journal.Collection, l.Model.Activity.Collection} {
		delete(l.Docs, name)
	}
	if err := l.Insert(t.Context(), b.Server.DB); err != nil {
		t.Fatal(err)
	}
	b.DB = b.Connect(t, b.see)
	b.Writer = mongotest.Writer(t, b.DB)
	o := jobspec.Defaults()
	o.MaxDeletePercent, o.MaxDeletes = 100, 1_000_000
	b.Env = tasks.Env{
		Options: o, Model: l.Model, DB: b.DB.Reader(), Checkpoints: b.Writer.Checkpoints(),
		Now: librarytest.DefaultNow, Elapsed: new(Clock).Elapsed, RunID: RunID, Log: slog.New(slog.DiscardHandler),
	}
	return b
}

func (b *Bench) see(c mongodb.Command) {
	if mongotest.Locking(c) {
		return
	}
	if collection, _ := c.Document.Index(0).Value().StringValueOK(); mongotest.Writes(c) && !(b.preparing && collection == mongodb.CheckpointsCollection) {
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

// Run prepares and executes.
func (b *Bench) Run(task tasks.Task) (tasks.Plan, tasks.Done) {
	b.t.Helper()
	plan := b.Prepare(task)
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
func (b *Bench) Read() map[string][]bson.Raw {
	b.t.Helper()
	docs, err := librarytest.ReadAll(b.t.Context(), b.Server.DB)
	if err != nil {
		b.t.Fatal(err)
	}
	return docs
}

// Seeds runs a test on n generated libraries, two at a time. One in 25 is an empty database.
func Seeds(t *testing.T, n int64, test func(t *testing.T, seed int64)) {
	t.Helper()
	for seed := range n {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			test(t, seed)
			if t.Failed() {
				t.Logf("the library is that of seed %d", seed)
			}
		})
	}
}

// Same fails the test where a collection is not, byte by byte, what it should be.
func Same(t testing.TB, what string, want, got []bson.Raw) {
	t.Helper()
	w, g := librarytest.ByID(want), librarytest.ByID(got)
	if maps.Equal(w, g) {
		return
	}
	diff := cmp.Diff(readable(w), readable(g))
	t.Errorf("%s (-want +got; no line where only the bytes differ):\n%s", what, diff)
}

// readable is documents as extended JSON, which tells types apart.
func readable(docs map[string]string) map[string]string {
	texts := map[string]string{}
	for id, doc := range docs {
		texts[id] = bson.Raw(doc).String()
	}
	return texts
}

// Clock is a time since the start that grows by Tick whenever it is asked.
type Clock struct{ Tick, Now time.Duration }

// Elapsed is what tasks.Env wants.
func (c *Clock) Elapsed() time.Duration { c.Now += c.Tick; return c.Now }
