package runner_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// newLibrary is a database of a test's own with an empty library in it.
func newLibrary(t *testing.T) mongotest.Server {
	t.Helper()
	s := mongotest.New(t)
	if err := s.DB.CreateCollection(t.Context(), "file_records"); err != nil {
		t.Fatal(err)
	}
	return s
}

// options are those of a run on a test's database.
func options(s mongotest.Server, task string) jobspec.Options {
	o := jobspec.Defaults()
	o.Task, o.MongoDBURI, o.Database, o.RunID = task, s.URI, s.Name, "this-run"
	return o
}

// The guards of a task with a database: who may begin.
func TestTheGuardsOfARun(t *testing.T) {
	busy := func(t *testing.T, s mongotest.Server) { use(t, s, time.Minute) }
	held := func(mode lock.Mode) func(t *testing.T, s mongotest.Server) {
		return func(t *testing.T, s mongotest.Server) { hold(t, s, mode) }
	}
	gated := func(o *jobspec.Options) { o.RunOnIdleOnly, o.MaxIdleWait = true, time.Second }
	for name, c := range map[string]struct {
		access  jobspec.Access
		before  func(t *testing.T, s mongotest.Server)
		spoil   func(*jobspec.Options)
		runs    bool
		outcome report.Outcome
		reason  report.Reason
		says    string
	}{
		"nothing in the way":                       {jobspec.Writes, nil, nil, true, report.Succeeded, "", ""},
		"a writer meets a writer":                  {jobspec.Writes, held(lock.Write), nil, false, report.Skipped, report.ReasonLocked, "held by run other-run"},
		"a cleaner meets a writer":                 {jobspec.Deletes, held(lock.Write), nil, false, report.Skipped, report.ReasonLocked, "held by run other-run"},
		"a writer meets a reader":                  {jobspec.Writes, held(lock.Read), nil, false, report.Skipped, report.ReasonLocked, "held by run other-run"},
		"a reader meets a writer":                  {jobspec.ReadOnly, held(lock.Write), nil, false, report.Skipped, report.ReasonLocked, "held by run other-run"},
		"a reader meets a reader":                  {jobspec.ReadOnly, held(lock.Read), nil, true, report.Succeeded, "", ""},
		"a dry run takes no lock and meets none":   {jobspec.Writes, held(lock.Write), func(o *jobspec.Options) { o.DryRun = true }, true, report.Succeeded, "", ""},
		"the library is in use":                    {jobspec.Writes, busy, gated, false, report.Skipped, report.ReasonNotIdle, "the library was in use at"},
		"the library is in use, and nobody asks":   {jobspec.Writes, busy, nil, true, report.Succeeded, "", ""},
		"the library has been idle for long":       {jobspec.Writes, func(t *testing.T, s mongotest.Server) { use(t, s, time.Hour) }, gated, true, report.Succeeded, "", ""},
		"nothing tells when the library was used":  {jobspec.Writes, nil, gated, true, report.Succeeded, "", ""},
		"there is no database":                     {jobspec.Writes, nil, func(o *jobspec.Options) { o.MongoDBURI = "" }, false, report.Failed, report.ReasonConfiguration, "$MONGODB_URI"},
		"the connection string is none":            {jobspec.Writes, nil, func(o *jobspec.Options) { o.MongoDBURI = "db:27017" }, false, report.Failed, report.ReasonConfiguration, "mongodb://"},
		"locked and in use: locked is said, first": {jobspec.Writes, func(t *testing.T, s mongotest.Server) { busy(t, s); hold(t, s, lock.Write) }, gated, false, report.Skipped, report.ReasonLocked, "other-run"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLibrary(t)
			if c.before != nil {
				c.before(t, s)
			}
			k := &task{name: jobspec.VerifyReferences, access: c.access}
			o := options(s, k.name)
			if c.spoil != nil {
				c.spoil(&o)
			}
			r := runner.Run(t.Context(), o, world(k))
			if r.Outcome != c.outcome || r.Reason != c.reason || !strings.Contains(r.Message, c.says) {
				t.Errorf("got %s/%s %q, want %s/%s %q", r.Outcome, r.Reason, r.Message, c.outcome, c.reason, c.says)
			}
			if runs := len(k.steps) > 0; runs != c.runs {
				t.Errorf("steps %q, want some: %v", k.steps, c.runs)
			}
			complete(t, r)
			onlyOthers(t, s)
		})
	}
}

func TestAnIdleGateThatKnowsNothingSaysSo(t *testing.T) {
	k := &task{name: jobspec.VerifyReferences}
	o := options(newLibrary(t), k.name)
	o.RunOnIdleOnly = true
	if r := runner.Run(t.Context(), o, world(k)); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "app_activity") {
		t.Errorf("warnings: %q", r.Warnings)
	}
}

// Seen to fail when the lock was released on the way out of a run that ended well, and not by defer.
func TestTheLockIsReleasedHoweverARunEnds(t *testing.T) {
	for name, execute := range map[string]func(context.Context, context.CancelCauseFunc) (tasks.Done, error){
		"well": func(context.Context, context.CancelCauseFunc) (tasks.Done, error) { return tasks.Done{}, nil },
		"by an error": func(context.Context, context.CancelCauseFunc) (tasks.Done, error) {
			return tasks.Done{}, context.DeadlineExceeded
		},
		"by a panic": func(context.Context, context.CancelCauseFunc) (tasks.Done, error) { panic("oh") },
		"by a signal": func(ctx context.Context, stop context.CancelCauseFunc) (tasks.Done, error) {
			stop(runner.ErrInterrupted)
			return tasks.Done{}, untilTheEnd(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLibrary(t)
			ctx, stop := context.WithCancelCause(t.Context())
			defer stop(nil)
			k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes, execute: func(held context.Context) (tasks.Done, error) {
				if n := len(s.Documents(t, mongodb.LocksCollection)); n != 1 {
					t.Errorf("%d locks while it runs", n)
				}
				return execute(held, stop)
			}}
			runner.Run(ctx, options(s, k.name), world(k))
			onlyOthers(t, s)
		})
	}
}

// What reads gets nothing that writes, and a task that forgot to say what it does holds the lock alone. Seen to fail
// when the zero Access was ReadOnly.
func TestOnlyARunThatHoldsTheLockAloneIsGivenAWriter(t *testing.T) {
	for name, c := range map[string]struct {
		access jobspec.Access
		mode   lock.Mode
		writes bool
	}{
		"a task that deletes":      {jobspec.Deletes, lock.Write, true},
		"a task that writes":       {jobspec.Writes, lock.Write, true},
		"a task that does not say": {tasks.Task{}.Access, lock.Write, true},
		"a task that only reads":   {jobspec.ReadOnly, lock.Read, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLibrary(t)
			k := &task{name: jobspec.VerifyReferences, access: c.access, execute: func(context.Context) (tasks.Done, error) {
				for _, doc := range s.Documents(t, mongodb.LocksCollection) {
					if got := lock.Mode(doc.Lookup("mode").StringValue()); got != c.mode {
						t.Errorf("the lock is held to %s", got)
					}
				}
				return tasks.Done{}, nil
			}}
			runner.Run(t.Context(), options(s, k.name), world(k))
			if len(k.steps) != 2 || (k.writer != nil) != c.writes {
				t.Errorf("steps %q, a writer: %v", k.steps, k.writer != nil)
			}
		})
	}
}

// Seen to fail when Update did not ask for the lock before each batch: it then wrote all, until the next renewal.
func TestARunThatLosesItsLockStopsBeforeTheNextBatch(t *testing.T) {
	s := newLibrary(t)
	ids := insert(t, s, 3)
	k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes}
	k.execute = func(ctx context.Context) (tasks.Done, error) {
		if _, err := k.writer.Update(ctx, "things", set(ids[0], "first")); err != nil {
			t.Errorf("with the lock: %v", err)
		}
		if _, err := s.DB.Collection(mongodb.LocksCollection).DeleteMany(ctx, bson.D{}); err != nil {
			t.Error(err)
		}
		_, err := k.writer.Update(ctx, "things", set(ids[1], "second"))
		if ctx.Err() == nil {
			t.Error("the run's context goes on")
		}
		return tasks.Done{}, err
	}
	r := runner.Run(t.Context(), options(s, k.name), world(k))
	if r.Outcome != report.Failed || r.Reason != report.ReasonLockLost || r.ExitCode() != jobspec.ExitTemporary {
		t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
	for id, doc := range s.Documents(t, "things") {
		if doc.Lookup("v").StringValue() == "second" {
			t.Errorf("%s was written without the lock", id)
		}
	}
}

func insert(t *testing.T, s mongotest.Server, n int) (ids []bsonvalue.ID) {
	t.Helper()
	for i := range n {
		if _, err := s.DB.Collection("things").InsertOne(t.Context(), bson.D{{Key: "_id", Value: int64(i)}, {Key: "v", Value: "old"}}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, bsonvalue.Int(int64(i)))
	}
	return ids
}

func set(id bsonvalue.ID, v string) []mongodb.Update {
	old := bsonvalue.Of(bson.RawValue{Type: bson.TypeString, Value: []byte("\x04\x00\x00\x00old\x00")})
	return []mongodb.Update{{ID: id, Fields: []mongodb.Field{{Name: "v", Old: old, New: v}}}}
}

// reads are the commands that change nothing; aggregate only without a stage that writes, compact only as a dry run.
var reads = []string{
	"hello", "ismaster", "isMaster", "ping", "buildInfo", "find", "getMore", "killCursors", "count", "distinct", "aggregate", "listCollections", "listIndexes",
	"listDatabases", "collStats", "dbStats", "serverStatus", "replSetGetStatus", "connectionStatus", "getParameter", "explain", "currentOp", "endSessions",
	"saslStart", "saslContinue", "authenticate", "compact",
}

func reading(c connection.Command) bool {
	if c.Name == "compact" {
		dry, ok := c.Document.Lookup("dryRun").BooleanOK()
		return ok && dry
	}
	text := c.Document.String()
	return slices.Contains(reads, c.Name) && !strings.Contains(text, `"$out"`) && !strings.Contains(text, `"$merge"`)
}

// Seen to fail when a dry run took the lock.
func TestADryRunSendsNoWrite(t *testing.T) {
	for _, k := range all.Tasks() {
		t.Run(k.Name, func(t *testing.T) {
			s := newLibrary(t)
			l := librarytest.Generate(3, librarytest.Tiny)
			if err := l.Insert(t.Context(), s.DB); err != nil {
				t.Fatal(err)
			}
			before := map[string]map[string]bson.Raw{}
			for _, name := range l.Layout.Collections() {
				before[name] = s.Documents(t, name)
			}
			o := options(s, k.Name)
			o.DryRun, o.RunOnIdleOnly, o.GracePeriod, o.MaxDeletes, o.MaxDeletePercent = true, true, 0, 1<<30, 100
			o.LibraryRoots, o.CacheDirs, o.LogDir, o.IndexDir = []string{t.TempDir()}, []string{t.TempDir()}, t.TempDir(), t.TempDir()
			var mu sync.Mutex
			var commands, writes []string
			w := fullWorld()
			w.Monitor = func(c connection.Command) {
				mu.Lock()
				defer mu.Unlock()
				commands = append(commands, c.Name)
				if !reading(c) {
					writes = append(writes, c.Document.String())
				}
			}
			r := runner.Run(t.Context(), o, w)
			if r.Outcome == report.Failed {
				t.Errorf("%s: %s", r.Reason, r.Message)
			}
			if k.Database && len(commands) == 0 {
				t.Error("the monitor saw nothing at all")
			}
			hasDeclaredCounts(t, k.Task, r)
			if len(writes) > 0 {
				t.Errorf("it wrote:\n%s", strings.Join(writes, "\n"))
			}
			for name, documents := range before {
				if diff := cmp.Diff(documents, s.Documents(t, name)); diff != "" {
					t.Errorf("%s changed:\n%s", name, diff)
				}
			}
		})
	}
}

// hasDeclaredCounts looks for the counts that the documentation promises; a result may have more.
func hasDeclaredCounts(t *testing.T, task jobspec.Task, r report.Result) {
	t.Helper()
	for _, key := range task.Counts {
		if _, reported := r.Counts[key]; !reported {
			t.Errorf("%s does not report %s, which its declaration in pkg/jobspec promises: %v", task.Name, key, r.Counts)
		}
	}
}

// use is a heartbeat of that age.
func use(t *testing.T, s mongotest.Server, ago time.Duration) {
	t.Helper()
	beat(t, s, "UExplorer", time.Now().Add(-ago))
}

// beat is a client's heartbeat.
func beat(t *testing.T, s mongotest.Server, client string, at any) {
	t.Helper()
	_, err := s.DB.Collection("app_activity").InsertOne(t.Context(), bson.D{{Key: "_id", Value: client}, {Key: "last_activity", Value: at}})
	if err != nil {
		t.Fatal(err)
	}
}

// hold is the lock of another run.
func hold(t *testing.T, s mongotest.Server, mode lock.Mode) {
	t.Helper()
	request := lock.Request{Scope: lock.DatabaseScope(s.Name), Mode: mode, Run: "other-run", Task: jobspec.RebuildAllCounts, Host: "there"}
	if _, err := s.DB.Collection(mongodb.LocksCollection).InsertOne(t.Context(), request.Next(nil, "n", time.Now())); err != nil {
		t.Fatal(err)
	}
}

// onlyOthers checks that this run left no lock.
func onlyOthers(t *testing.T, s mongotest.Server) {
	t.Helper()
	for _, doc := range s.Documents(t, mongodb.LocksCollection) {
		if doc.Lookup("run").StringValue() != "other-run" {
			t.Errorf("a lock was left: %s", doc)
		}
	}
}
