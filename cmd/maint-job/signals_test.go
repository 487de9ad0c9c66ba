package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// process is the program as a process of its own.
type process struct {
	cmd       *exec.Cmd
	out, errs bytes.Buffer
}

func start(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// stop sends a signal and returns what the program did and how long it took to end.
func (p *process) stop(t *testing.T, signal os.Signal) (ran, time.Duration) {
	t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{p.cmd.ProcessState.ExitCode(), p.out.String(), p.errs.String()}, time.Since(began)
}

// until waits for a condition, for at most five minutes.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to this: %s", what)
		}
		time.Sleep(5 * time.Millisecond) // between two looks
	}
}

// Seen to fail when the lock was released with the context of the run, which has ended by then.
func TestASignalStopsARunThatIsWriting(t *testing.T) {
	s := mongotest.New(t)
	l := librarytest.GenerateWith(1, librarytest.Options{Prefix: "/library", Roots: 1, Directories: 1500, Files: 3000,
		Drift: 1})
	if err := l.Insert(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	const directories = "directory_records"
	before := s.Documents(t, directories)
	p := start(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, "run", jobspec.RebuildAllCounts, "--output=json")
	until(t, "the run is writing", func() bool {
		for id, doc := range s.Documents(t, directories) {
			if !bytes.Equal(doc, before[id]) {
				return true
			}
		}
		return false
	})
	r, took := p.stop(t, syscall.SIGTERM)
	stoppedWell(t, s, r, took)
	docs, err := librarytest.UCoreFS.Read(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range librarytest.UCoreFS.Check(docs) {
		if v.Collection == directories && v.Right == v.Total {
			t.Fatal("the run was through already: this test proves nothing")
		}
	}
}

func TestASignalStopsARunThatWaitsForTheLibraryToBeIdle(t *testing.T) {
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			s, env := dirty(t)
			heartbeat := bson.D{{Key: "_id", Value: "UExplorer"}, {Key: "last_activity", Value: time.Now()}}
			if _, err := s.DB.Collection("app_activity").InsertOne(t.Context(), heartbeat); err != nil {
				t.Fatal(err)
			}
			p := start(t, env, "run", jobspec.RebuildAllCounts, "--output=json", "--run-on-idle-only")
			until(t, "the run holds the lock", func() bool { return locks(t, s) == 1 })
			r, took := p.stop(t, signal)
			stoppedWell(t, s, r, took)
		})
	}
}

func TestASignalStopsARunThatWaitsForTheDatabase(t *testing.T) {
	l := deaf(t)
	p := start(t, map[string]string{"MONGODB_URI": "mongodb://" + l.address + "/"}, "run", jobspec.VerifyReferences,
		"--output=json")
	<-l.called
	r, took := p.stop(t, syscall.SIGTERM)
	stopped(t, r, took)
}

// stoppedWell is stopped, with the lock free for the next run.
func stoppedWell(t *testing.T, s mongotest.Server, r ran, took time.Duration) {
	t.Helper()
	stopped(t, r, took)
	if n := locks(t, s); n != 0 {
		t.Errorf("%d locks are left\n%s", n, r.errs)
	}
}

// stopped checks that a signal ended the run in time and in order: with a result, not by the hard stop.
func stopped(t *testing.T, r ran, took time.Duration) {
	t.Helper()
	r.want(t, jobspec.ExitTemporary)
	if took > busyStopWithin || strings.Contains(r.errs, "stopping hard") {
		t.Errorf("it took %s to stop\n%s", took, r.errs)
	}
	if got := r.result(t); got.Outcome != report.Failed || got.Reason != report.ReasonInterrupted {
		t.Errorf("got %s/%s: %s", got.Outcome, got.Reason, got.Message)
	}
}
