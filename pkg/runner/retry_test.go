package runner_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
)

// drifted is a library whose counters are wrong, behind a way that can be cut.
func drifted(t *testing.T) (mongotest.Server, *mongotest.Proxy) {
	t.Helper()
	s := mongotest.New(t)
	if err := librarytest.UCoreFS.CreateCollections(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	l := librarytest.GenerateWith(5, librarytest.Options{Prefix: "/library", Roots: 2, Directories: 40, Files: 60,
		Tags: 20, Albums: 20, Drift: 1})
	if err := l.Insert(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	return s, mongotest.NewProxy(t, s.URI)
}

func wrongCounters(t *testing.T, s mongotest.Server) (wrong int) {
	t.Helper()
	docs, err := librarytest.UCoreFS.Read(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range librarytest.UCoreFS.Check(docs) {
		wrong += v.Total - v.Right
	}
	return wrong
}

// The server goes away between two batches of a run and is back a little later. Seen to fail without attempts: the run
// ended as Failed, and half the counters were wrong until the Job's next pod.
func TestARunOutlivesADatabaseThatGoesAwayForAMoment(t *testing.T) {
	s, proxy := drifted(t)
	before := wrongCounters(t, s)
	var updates atomic.Int32
	w := fullWorld()
	w.Monitor = func(c connection.Command) {
		if c.Name == "update" && updates.Add(1) == 3 {
			proxy.Cut()
			time.AfterFunc(1500*time.Millisecond, proxy.Mend)
		}
	}
	o := options(s, jobspec.RebuildAllCounts)
	o.MongoDBURI = proxy.URI
	r := runner.Run(t.Context(), o, w)
	if r.Outcome != report.Succeeded || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0],
		"attempt 1 ended when the database went away") {
		t.Errorf("got %s/%s: %s, warnings %q", r.Outcome, r.Reason, r.Message, r.Warnings)
	}
	if after := wrongCounters(t, s); before < 30 || after != 0 {
		t.Errorf("%d counters were wrong, and %d are", before, after)
	}
	onlyOthers(t, s)
}

// What no pause mends is not tried again, and a signal ends a pause at once.
func TestOnlyAnAbsentDatabaseIsTriedAgain(t *testing.T) {
	s, proxy := drifted(t)
	o := options(s, jobspec.RebuildAllCounts)
	o.MongoDBURI = proxy.URI
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	w := fullWorld()
	w.Monitor = func(c connection.Command) {
		if c.Name == "update" {
			proxy.Cut()
			time.AfterFunc(500*time.Millisecond, func() { stop(runner.ErrInterrupted) })
		}
	}
	began := time.Now()
	r := runner.Run(ctx, o, w)
	if r.Outcome != report.Failed || r.Reason != report.ReasonInterrupted || r.ExitCode() != jobspec.ExitTemporary {
		t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
	if took := time.Since(began); took > 30*time.Second { // all attempts would take a minute
		t.Errorf("it took %s to stop", took)
	}
	k := &task{name: jobspec.VerifyReferences, prepare: func(context.Context) error { return context.DeadlineExceeded }}
	if r := runner.Run(t.Context(), options(newLibrary(t), k.name), world(k)); r.Outcome != report.Failed ||
		len(k.steps) != 1 {
		t.Errorf("another error was tried again: %s, steps %v", r.Outcome, k.steps)
	}
}
