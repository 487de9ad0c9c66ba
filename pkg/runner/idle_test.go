package runner_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
)

// gated is a run that waits until the library was idle for a second, and for that as long as a busy machine may take.
func gated(o *jobspec.Options) {
	o.RunOnIdleOnly, o.IdleThreshold, o.MaxIdleWait = true, time.Second, time.Minute
}

// probe is an address that answers what the status says at that moment.
func probe(t *testing.T, status *atomic.Int32) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// answers is a probe that always answers the same.
func answers(t *testing.T, status int32) string {
	var s atomic.Int32
	s.Store(status)
	return probe(t, &s)
}

// load is another real client that works on the database until the test, or its context, ends.
func load(t *testing.T, ctx context.Context, s mongotest.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() {
		for ctx.Err() == nil {
			_ = s.DB.Collection("file_records").FindOne(ctx, bson.D{{Key: "_id", Value: 1}}).Err()
		}
	})
	t.Cleanup(func() { cancel(); work.Wait() })
}

// queued is one of the application's own, which says in Unix seconds when it changed.
func queued(t *testing.T, s mongotest.Server, status string, changed time.Time) {
	t.Helper()
	_, err := s.DB.Collection("tasks").InsertOne(t.Context(), bson.D{{Key: "status", Value: status},
		{Key: "updated_at", Value: changed.Unix()}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoKeepsTheGateShut(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(t *testing.T, s mongotest.Server, o *jobspec.Options)
		outcome report.Outcome
		says    string // in the message, or where the run began, in a warning
	}{
		"a probe says idle": {func(t *testing.T, _ mongotest.Server, o *jobspec.Options) { o.IdleHTTPURL = answers(t, 204) },
			report.Succeeded, ""},
		"a probe says busy": {func(t *testing.T, _ mongotest.Server, o *jobspec.Options) { o.IdleHTTPURL = answers(t, 503) },
			report.Skipped, "answered 503, which means busy: the library must be idle for 1s"},
		"a probe is broken": {func(t *testing.T, _ mongotest.Server, o *jobspec.Options) { o.IdleHTTPURL = answers(t, 404) },
			report.Skipped, "let it answer 200 or 204"},
		"a probe says busy, and the heartbeat is old": {func(t *testing.T, s mongotest.Server, o *jobspec.Options) {
			use(t, s, time.Hour)
			o.IdleHTTPURL = answers(t, 503)
		}, report.Skipped, "answered 503"},
		"a probe says idle, and the heartbeat is young": {func(t *testing.T, s mongotest.Server, o *jobspec.Options) {
			use(t, s, -time.Minute)
			o.IdleHTTPURL = answers(t, 200)
		}, report.Skipped, "the library was in use at"},
		"the application works on a task": {func(t *testing.T, s mongotest.Server, _ *jobspec.Options) {
			queued(t, s, "running", time.Now().Add(time.Minute))
		}, report.Skipped, "(a document of tasks with status pending or running changed then)"},
		"a task was left running by a crash": {func(t *testing.T, s mongotest.Server, _ *jobspec.Options) {
			queued(t, s, "running", time.Now().Add(-time.Hour))
		}, report.Succeeded, ""},
		"a task has just been completed": {func(t *testing.T, s mongotest.Server, _ *jobspec.Options) {
			queued(t, s, "completed", time.Now())
		}, report.Succeeded, ""},
		"the heartbeat is that of a wrong clock": {func(t *testing.T, s mongotest.Server, _ *jobspec.Options) {
			beat(t, s, "UExplorer", time.Now().Add(30*24*time.Hour))
		}, report.Succeeded, "a document of app_activity has a time in last_activity that is in the future"},
		"a heartbeat four minutes ahead is young": {func(t *testing.T, s mongotest.Server, _ *jobspec.Options) {
			beat(t, s, "UExplorer", time.Now().Add(4*time.Minute))
		}, report.Skipped, "the library was in use at"},
		"a heartbeat six minutes ahead is that of a wrong clock": {func(t *testing.T, s mongotest.Server,
			_ *jobspec.Options) {
			beat(t, s, "UExplorer", time.Now().Add(6*time.Minute))
		}, report.Succeeded, "a document of app_activity has a time in last_activity that is in the future"},
		"the latest of several heartbeats counts": {func(t *testing.T, s mongotest.Server, _ *jobspec.Options) {
			beat(t, s, "A", time.Now().Add(-time.Hour))
			beat(t, s, "B", time.Now().Add(time.Minute))
			beat(t, s, "C", "no time")
		}, report.Skipped, "(a document of app_activity changed then)"},
		"busy, and told to run all the same": {func(t *testing.T, _ mongotest.Server, o *jobspec.Options) {
			o.IdleHTTPURL, o.IdleOnTimeout = answers(t, 503), jobspec.IdleRun
		}, report.Succeeded, "it began all the same, as --idle-on-timeout says"},
		"a value is above": {func(t *testing.T, _ mongotest.Server, o *jobspec.Options) {
			o.IdlePrometheusURL, o.IdlePrometheusQuery, o.IdlePrometheusMax = answers(t, 200), "sum(up)", 6
		}, report.Skipped, "the Prometheus query sum(up) gives 7, more than 6"},
		"a value is not above": {func(t *testing.T, _ mongotest.Server, o *jobspec.Options) {
			o.IdlePrometheusURL, o.IdlePrometheusQuery, o.IdlePrometheusMax = answers(t, 200), "sum(up)", 7
		}, report.Succeeded, ""},
		"another client works on the database": {func(t *testing.T, s mongotest.Server, o *jobspec.Options) {
			load(t, t.Context(), s)
			o.IdleMaxDatabaseOps = 5
		}, report.Skipped, "other clients of the database do "},
		"nobody works on the database": {func(_ *testing.T, _ mongotest.Server,
			o *jobspec.Options) {
			o.IdleMaxDatabaseOps = 5
		}, report.Succeeded, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLibrary(t)
			k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes}
			o := options(s, k.name)
			gated(&o)
			if c.says != "" {
				o.MaxIdleWait = 2 * time.Second
			}
			c.spoil(t, s, &o)
			r := runner.Run(t.Context(), o, world(k))
			if r.Outcome != c.outcome || (r.Reason == report.ReasonNotIdle) != (c.outcome == report.Skipped) ||
				r.DurationSeconds < 1 && c.outcome == report.Succeeded && len(o.Probes()) > 0 {
				t.Errorf("got %s/%s after %.1f s: %s", r.Outcome, r.Reason, r.DurationSeconds, r.Message)
			}
			if text := r.Message + strings.Join(r.Warnings, ""); !strings.Contains(text, c.says) || c.says == "" &&
				len(r.Warnings) > 0 {
				t.Errorf("%q does not say %q", text, c.says)
			}
			onlyOthers(t, s)
		})
	}
}

// Seen to fail when the warning said the time: heartbeats move, and each look at the gate added another warning.
func TestWrongClocksAreWarnedOfOnce(t *testing.T) {
	s := newLibrary(t)
	beat(t, s, "A", time.Now().Add(30*24*time.Hour))
	beat(t, s, "B", time.Now().Add(60*24*time.Hour))
	k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes}
	o := options(s, k.name)
	gated(&o)
	if r := runner.Run(t.Context(), o, world(k)); r.Outcome != report.Succeeded || len(r.Warnings) != 1 {
		t.Errorf("got %s with the warnings %q", r.Outcome, r.Warnings)
	}
}

// Seen to fail when the time of a use was reckoned anew at each look: it then came a little later each time, as a new
// use would.
func TestAnOldUseIsNotTakenForANewOneWhileARunWorks(t *testing.T) {
	s := newLibrary(t)
	use(t, s, time.Hour)
	var looks atomic.Int32
	k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes}
	k.execute = func(ctx context.Context) (tasks.Done, error) {
		began := looks.Load()
		for looks.Load() < began+3 && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
		return tasks.Done{}, context.Cause(ctx)
	}
	o, w := options(s, k.name), world(k)
	gated(&o)
	w.Monitor = func(c connection.Command) {
		if c.Name == "find" && c.Document.Lookup("find").StringValue() == "app_activity" {
			looks.Add(1)
		}
	}
	if r := runner.Run(t.Context(), o, w); r.Outcome != report.Succeeded {
		t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
}

func TestATaskWithoutADatabaseHasAGateWhereAProbeIsNamed(t *testing.T) {
	k := &task{name: jobspec.CacheCleanup}
	o := jobspec.Defaults()
	o.Task, o.CacheDirs = k.name, []string{t.TempDir()}
	gated(&o)
	if r := runner.Run(t.Context(), o, world(k)); r.Outcome != report.Succeeded || len(r.Warnings) != 1 ||
		!strings.Contains(r.Warnings[0], "no probe is named") {
		t.Errorf("without: %s, warnings %q", r.Outcome, r.Warnings)
	}
	o.IdleHTTPURL, o.MaxIdleWait = answers(t, 423), 2*time.Second
	if r := runner.Run(t.Context(), o, world(k)); r.Outcome != report.Skipped || r.Reason != report.ReasonNotIdle {
		t.Errorf("with: %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
}

// The probe says busy until the run's progress says that it waits. Seen to fail when a wait showed no step.
func TestARunThatWaitsForAnIdleLibraryShowsIt(t *testing.T) {
	shown := progress.New(progress.Output{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	probe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if live := shown.Live(); live.Step != 1 || live.Name != runner.StepIdle {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer probe.Close()
	k := &task{name: jobspec.CacheCleanup}
	o := jobspec.Defaults()
	o.Task, o.CacheDirs = k.name, []string{t.TempDir()}
	gated(&o)
	o.IdleHTTPURL = probe.URL
	var log bytes.Buffer
	w := world(k)
	w.Progress, w.Log = shown, slog.New(slog.NewTextHandler(&log, nil))
	if r := runner.Run(t.Context(), o, w); r.Outcome != report.Succeeded {
		t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
	lines := log.String()
	if strings.Count(lines, runner.StepIdle) != 1 || !strings.Contains(lines, "answered 503") ||
		!strings.Contains(lines, "atMost=1m0s") {
		t.Errorf("the log does not say once that it waits, and why:\n%s", lines)
	}
}

// Load comes back while a run works. Seen to fail, the first three, when nobody looked after the gate.
func TestARunPausesWhenLoadReturns(t *testing.T) {
	for name, c := range map[string]struct {
		returns func(t *testing.T, ctx context.Context, s mongotest.Server, status *atomic.Int32)
		spoil   func(*jobspec.Options)
		says    string // empty: the run goes on
	}{
		"a probe says so": {func(_ *testing.T, _ context.Context, _ mongotest.Server,
			status *atomic.Int32) {
			status.Store(503)
		}, nil, "answered 503"},
		"somebody moves the mouse": {func(t *testing.T, _ context.Context, s mongotest.Server, _ *atomic.Int32) {
			use(t, s,
				-time.Second)
		}, nil, "last at"},
		"another client works on the database": {func(t *testing.T, ctx context.Context, s mongotest.Server,
			_ *atomic.Int32) {
			load(t, ctx, s)
		},
			func(o *jobspec.Options) { o.IdleMaxDatabaseOps = 5 }, "other clients of the database do "},
		"who begins in any case is not stopped": {func(_ *testing.T, _ context.Context, _ mongotest.Server,
			status *atomic.Int32) {
			status.Store(503)
		},
			func(o *jobspec.Options) { o.IdleOnTimeout = jobspec.IdleRun }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLibrary(t)
			var status atomic.Int32
			status.Store(204)
			k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes, execute: func(ctx context.Context) (tasks.Done,
				error) {
				c.returns(t, ctx, s, &status)
				done := tasks.Done{Counts: report.Counts{"done": 7}}
				if c.says == "" {
					return done, nil
				}
				return done, untilTheEnd(ctx)
			}}
			o := options(s, k.name)
			gated(&o)
			o.IdleHTTPURL = probe(t, &status)
			if c.spoil != nil {
				c.spoil(&o)
			}
			o.Timeout = 5 * time.Minute
			r := runner.Run(t.Context(), o, world(k))
			paused := r.Outcome == report.Paused && r.Reason == report.ReasonNotIdle && strings.HasPrefix(r.Message,
				"the library is in use again (") && r.ExitCode() == jobspec.ExitOK
			if paused != (c.says != "") || !strings.Contains(r.Message, c.says) || r.Counts["done"] != 7 {
				t.Errorf("got %s/%s with %v: %s", r.Outcome, r.Reason, r.Counts, r.Message)
			}
			onlyOthers(t, s)
		})
	}
}

// The library gets busy in the middle of a recount; when it is idle again the next run makes all right.
func TestWhatAPausedRunLeftTheNextOneDoes(t *testing.T) {
	s, _ := drifted(t)
	before := wrongCounters(t, s)
	var status atomic.Int32
	status.Store(204)
	o := options(s, jobspec.RebuildAllCounts)
	gated(&o)
	busy := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		if status.Load() == 503 {
			close(busy)
		}
	}))
	defer server.Close()
	o.IdleHTTPURL = server.URL
	w := fullWorld()
	w.Monitor = atThirdWrite(func() {
		status.Store(503)
		<-busy
	})
	r := runner.Run(t.Context(), o, w)
	between := wrongCounters(t, s)
	if r.Outcome != report.Paused || r.Reason != report.ReasonNotIdle || between == 0 || between == before {
		t.Errorf("got %s/%s: %s; %d counters were wrong, %d are", r.Outcome, r.Reason, r.Message, before, between)
	}
	status.Store(204)
	w.Monitor = nil
	if r := runner.Run(t.Context(), o, w); r.Outcome != report.Succeeded {
		t.Errorf("the next run: %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
	if after := wrongCounters(t, s); after != 0 {
		t.Errorf("%d counters are wrong", after)
	}
}

// A recount does far more than one operation a second, and the database's activity is looked at while it does. Seen to
// fail when own operations were not subtracted.
func TestARunsOwnLoadDoesNotStopIt(t *testing.T) {
	s, _ := drifted(t)
	o := options(s, jobspec.RebuildAllCounts)
	gated(&o)
	o.IdleMaxDatabaseOps = 1
	w := fullWorld()
	var looks atomic.Int32
	looked, enough := context.WithCancel(t.Context())
	defer enough()
	write := atThirdWrite(func() {
		looks.Store(0)
		<-looked.Done()
	})
	w.Monitor = func(c connection.Command) {
		if c.Name == "serverStatus" && looks.Add(1) > 2 {
			enough()
		}
		write(c)
	}
	r := runner.Run(t.Context(), o, w)
	if r.Outcome != report.Succeeded || looked.Err() == nil {
		t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
	if after := wrongCounters(t, s); after != 0 {
		t.Errorf("%d counters are wrong", after)
	}
}
