package sharing_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// bench is a generated library on a server that takes every collection for a large one.
type bench struct {
	mongotest.Server
	layout librarytest.Layout
}

func newBench(t *testing.T, l librarytest.Layout, seed int64) *bench {
	t.Helper()
	return benchOf(t, l.Generate(seed, librarytest.Tiny))
}

func benchOf(t *testing.T, l librarytest.Library) *bench {
	t.Helper()
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, EstimateTimes: 10_000})
	b := &bench{Server: mongotest.At(t, server.URI), layout: l.Layout}
	if err := l.Insert(t.Context(), b.DB); err != nil {
		t.Fatal(err)
	}
	return b
}

// process is one of those that share a run.
type process struct {
	index, of int
	claimFor  time.Duration
	killAt    int64 // before which of its commands it dies; 0: never
	noWrite   bool  // it dies before it writes to the library
}

// run is a process from its start to its end; killed tells whether it died, and wrote whether it had begun to write
// then.
func (b *bench) run(ctx context.Context, task string, p process) (result report.Result, killed, wrote bool) {
	ctx, kill := context.WithCancelCause(ctx)
	defer kill(nil)
	var sent atomic.Int64
	var writing atomic.Bool
	o := jobspec.Defaults()
	o.Task, o.RunID, o.MongoDBURI, o.Database = task, "run of "+task, b.URI, b.Name
	o.Throttle, o.Parallelism, o.Index = jobspec.ThrottleOff, p.of, p.index
	result = runner.Run(ctx, o, runner.World{
		Tasks: all.Tasks(), Now: time.Now, Host: fmt.Sprint("pod-", p.index),
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
		ClaimFor: p.claimFor, Poll: 5 * time.Millisecond,
		Monitor: func(c connection.Command) {
			collection, _ := c.Document.Index(0).Value().StringValueOK()
			if mongotest.Writes(c) && !strings.HasPrefix(collection, "maintenance_") {
				writing.Store(true)
				if p.noWrite {
					kill(runner.ErrInterrupted)
				}
			}
			if sent.Add(1) == p.killAt {
				kill(runner.ErrInterrupted)
			}
		},
	})
	return result, p.killAt > 0 && result.Reason == report.ReasonInterrupted, writing.Load()
}

// ends is what is compared of two runs: all but what is about their time.
func ends(r report.Result) report.Result {
	return report.Result{Task: r.Task, Outcome: r.Outcome, Reason: r.Reason, Message: r.Message, Counts: r.Counts,
		Warnings: r.Warnings}
}

// share runs the processes of a run at once. A leader that dies is followed by another one. What that one reports is
// only the rest if the first one had begun to write.
func (b *bench) share(t *testing.T, task string, processes ...process) (leader report.Result, rest bool,
	helpers []report.Result) {
	t.Helper()
	helpers = make([]report.Result, len(processes))
	var group sync.WaitGroup
	for i, p := range processes {
		group.Go(func() {
			var killed, wrote bool
			if helpers[i], killed, wrote = b.run(t.Context(), task, p); killed && i == 0 {
				p.killAt, rest = 0, wrote
				helpers[i], _, _ = b.run(t.Context(), task, p)
			}
		})
	}
	group.Wait()
	return helpers[0], rest, helpers[1:]
}

func (b *bench) documents(t *testing.T) librarytest.Docs {
	t.Helper()
	docs, err := b.layout.Read(t.Context(), b.DB)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// equals fails the test where a shared run is not what one process does on the same library, in another database.
func (b *bench) equals(t *testing.T, single *bench, task string, leader report.Result, rest bool) {
	t.Helper()
	want, _, _ := single.run(t.Context(), task, process{of: 1})
	if rest {
		want.Counts, want.Message = leader.Counts, leader.Message
	}
	if diff := cmp.Diff(ends(want), ends(leader), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-alone +shared):\n%s", task, diff)
	}
	taskstest.Same(t, "the library after "+task, single.documents(t), b.documents(t))
}

var shared = []string{jobspec.RebuildAllCounts, jobspec.VerifyReferences}

func team(n int, claimFor time.Duration) (processes []process) {
	for i := range n {
		processes = append(processes, process{index: i, of: max(n, 2), claimFor: claimFor})
	}
	return processes
}

// The leader is also alone here, where its helpers never come. Seen to fail where what a helper found was not added up.
func TestASharedRunEndsAsASingleOne(t *testing.T) {
	for _, l := range taskstest.Layouts {
		for seed := range int64(tooltest.Number(t, "LIBRARIES", 3)) {
			for _, n := range []int{1, 2, 4} {
				t.Run(fmt.Sprintf("%s/%d/%d", l, seed, n), func(t *testing.T) {
					t.Parallel()
					b, single := newBench(t, l, seed), newBench(t, l, seed)
					for _, task := range shared {
						leader, rest, helpers := b.share(t, task, team(n, time.Minute)...)
						b.equals(t, single, task, leader, rest)
						for _, h := range helpers {
							if h.Outcome != report.Succeeded {
								t.Errorf("a helper ended as %s: %s", h.Outcome, h.Message)
							}
						}
					}
					for id := range b.Documents(t, mongodb.CheckpointsCollection) {
						if strings.Count(id, "/") > 1 && !strings.Contains(id, "/claim/") { // which may come in the last moment
							t.Errorf("%s is left of a run that ended", id)
						}
					}
				})
			}
		}
	}
}

// Each of the processes dies once before one of its commands, and what it has claimed is read by another.
func TestAProcessOfASharedRunMayDieAtAnyStep(t *testing.T) {
	const claimFor = 200 * time.Millisecond
	for _, l := range taskstest.Layouts {
		for victim := range 2 {
			for _, at := range []int64{1, 6, 11, 16, 21, 30, 45, 70, 120} {
				t.Run(fmt.Sprintf("%s/process %d before command %d", l, victim, at), func(t *testing.T) {
					t.Parallel()
					b, single := newBench(t, l, 3), newBench(t, l, 3)
					for _, task := range shared {
						processes := team(3, claimFor)
						processes[victim].killAt = at
						leader, rest, _ := b.share(t, task, processes...)
						b.equals(t, single, task, leader, rest)
					}
				})
			}
		}
	}
}

// A dry run plans alone and writes nothing, whatever its processes are.
func TestADryRunIsNotShared(t *testing.T) {
	b := newBench(t, librarytest.UCoreFS, 1)
	for i := range 2 {
		o := jobspec.Defaults()
		o.Task, o.MongoDBURI, o.Database, o.DryRun = jobspec.RebuildAllCounts, b.URI, b.Name, true
		o.Parallelism, o.Index = 2, i
		r := runner.Run(t.Context(), o, runner.World{
			Tasks: all.Tasks(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Monitor: func(c connection.Command) {
				if mongotest.Writes(c) {
					t.Errorf("process %d sent %s", i, c.Name)
				}
			},
		})
		if r.Outcome != report.Succeeded {
			t.Errorf("process %d: %s %s", i, r.Outcome, r.Message)
		}
	}
}
