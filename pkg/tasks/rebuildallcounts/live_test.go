package rebuildallcounts_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks/rebuildallcounts"
)

// An application works between the task's commands, and keeps its counters. While it does, a counter may stay as wrong
// as it was or become right, and never anything else, unless it held no number, which nobody could keep; once the
// application stopped and the task ran again every counter is exact. Seen to fail when counters were set without
// comparing the old value, and when what one reading said was written.
func TestLiveWritesNeverSpoilACounter(t *testing.T) {
	taskstest.Seeds(t, 50, func(t *testing.T, l librarytest.Layout, seed int64) {
		b := taskstest.New(t, l.Generate(seed, librarytest.Tiny))
		docs := b.Read()
		before := l.Drift(docs)
		writer, chance := librarytest.NewWriter(l, seed, b.Server.DB, docs), rand.New(rand.NewPCG(uint64(seed), 4))
		b.Before = func(connection.Command) {
			if chance.IntN(2) == 0 {
				step(t, writer)
			}
		}
		b.Run(rebuildallcounts.Task())
		b.Before = nil
		for counter, drift := range l.Drift(b.Read()) {
			was := before[counter]
			if _, err := strconv.ParseFloat(was, 64); err == nil && drift != "0" && drift != was {
				t.Errorf("%s was off by %s and is off by %s", counter, was, drift)
			}
		}
		isExactAfterAnotherRun(t, b)
	})
}

// The same with a writer that does not wait for the task.
func TestCountersAreExactOnceConcurrentWritersStopped(t *testing.T) {
	taskstest.Seeds(t, 10, func(t *testing.T, l librarytest.Layout, seed int64) {
		b := taskstest.New(t, l.Generate(seed, librarytest.Tiny))
		writer := librarytest.NewWriter(l, seed, b.Server.DB, b.Read())
		running, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-running:
					return
				default:
					step(t, writer)
				}
			}
		}()
		b.Run(rebuildallcounts.Task())
		close(running)
		<-stopped
		isExactAfterAnotherRun(t, b)
	})
}

// step fails the test from whatever goroutine it is called in.
func step(t *testing.T, w *librarytest.Writer) {
	if err := w.Step(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

func isExactAfterAnotherRun(t *testing.T, b *taskstest.Bench) {
	t.Helper()
	b.Run(rebuildallcounts.Task())
	for _, v := range b.Layout.Check(b.Read()) {
		for _, wrong := range v.Wrong {
			t.Errorf("after another run: %s", wrong)
		}
	}
	b.RunsAgainWithoutAWrite(rebuildallcounts.Task())
}
