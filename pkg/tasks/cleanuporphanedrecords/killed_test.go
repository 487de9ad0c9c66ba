package cleanuporphanedrecords_test

import (
	"context"
	"errors"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks/cleanuporphanedrecords"
)

// damaged has one dangling reference of every kind at least, so that the change of every kind is interrupted once.
func damaged(l librarytest.Layout, seed int64) librarytest.Library {
	return librarytest.GenerateWith(seed, librarytest.Options{
		Layout: l, Prefix: "/library", Roots: 1, Directories: 5, Files: 40, Tags: 8, Albums: 6, Embeddings: 6, Relations: 8,
		Detections: 8, Jobs: 2, Dirt: 0.1, OddIDs: 0.2, Drift: 0.3, ClipDimension: 8, OneOfEach: true,
	})
}

// A run that is killed at any of its writes (at some of them where the server is not in memory), and then run again,
// ends where an undisturbed run ends; the journal of both undoes both. Seen to fail when a batch was written before it
// was in the journal.
func TestARunKilledAtAnyWriteEndsInTheSameState(t *testing.T) {
	for _, l := range taskstest.Layouts {
		undisturbed := taskstest.New(t, damaged(l, 1))
		before := undisturbed.Read()
		commands := 0
		undisturbed.Before = atWrite(func() { commands++ })
		undisturbed.Run(cleanuporphanedrecords.Task())
		if commands < 10 {
			t.Fatalf("the run sent %d writes: too few to tell", commands)
		}
		after := undisturbed.Read()
		n := taskstest.Fewer(commands)
		for i := range n {
			t.Run(l.String(), func(t *testing.T) {
				t.Parallel()
				b := taskstest.New(t, damaged(l, 1))
				killAt(t, b, i*commands/n)
				b.Run(cleanuporphanedrecords.Task())
				got := b.Read()
				for _, collection := range l.Collections() {
					taskstest.SameBytes(t, collection, after[collection], got[collection])
				}
				b.RunsAgainWithoutAWrite(cleanuporphanedrecords.Task())
				restores(t, b, before)
			})
		}
	}
}

func killAt(t *testing.T, b *taskstest.Bench, at int) {
	t.Helper()
	plan := b.Prepare(cleanuporphanedrecords.Task())
	ctx, kill := context.WithCancelCause(t.Context())
	defer kill(nil)
	b.Before = atWrite(func() {
		if at--; at < 0 {
			kill(errors.New("killed"))
		}
	})
	_, err := plan.Execute(ctx, b.Writer)
	if b.Before = nil; err == nil && ctx.Err() == nil {
		t.Error("the run was not killed")
	}
}

// atWrite calls what before each command that writes documents.
func atWrite(what func()) func(connection.Command) {
	return func(c connection.Command) {
		if c.Name == "update" || c.Name == "delete" || c.Name == "insert" {
			what()
		}
	}
}
