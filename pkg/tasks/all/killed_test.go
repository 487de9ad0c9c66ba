package all_test

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

func taskNamed(t *testing.T, name string) tasks.Task {
	t.Helper()
	for _, task := range all.Tasks() {
		if task.Name == name {
			return task
		}
	}
	t.Fatalf("there is no task %s", name)
	return tasks.Task{}
}

// A run that is killed at any of its writes has done what it did: the next run plans what is left, ends where an
// undisturbed run ends, and what both wrote is at most one batch more. Seen to fail when every document was planned for
// again, as by a task that writes what it computed whether or not it differs. The tasks on references, files and old
// records have tests of their own, and background-count-verification keeps its place.
func TestARunKilledAtAnyWriteRepeatsOneBatchAtMost(t *testing.T) {
	for _, name := range []string{jobspec.RebuildAllCounts, jobspec.RebuildAlbumReferences} {
		t.Run(name, func(t *testing.T) {
			task := taskNamed(t, name)
			taskstest.Seeds(t, 1, func(t *testing.T, l librarytest.Layout, seed int64) {
				undisturbed := benchOf(t, l, seed)
				undisturbed.Run(task)
				for at := range undisturbed.commands {
					undisturbed.endsLikeThis(t, task, at, seed)
				}
			})
		})
	}
}

// endsLikeThis kills a run at one of its writes, makes another, and compares with the undisturbed one.
func (c *counted) endsLikeThis(t *testing.T, task tasks.Task, at int, seed int64) {
	t.Helper()
	b := benchOf(t, c.Layout, seed)
	b.killAt(t, task, at)
	b.Run(task)
	batch := 2 * b.DB.Facts().MaxUpdates // the writes and, where the task has a journal, their entries
	if most := c.operations + batch; b.operations > most {
		t.Errorf("killed at write %d: %d operations were sent, an undisturbed run sends %d", at, b.operations, c.operations)
	}
	taskstest.Same(t, "the library", c.Read(), b.Read())
	b.RunsAgainWithoutAWrite(task)
}

// counted is a bench that counts what is written.
type counted struct {
	*taskstest.Bench
	commands, operations int
	onWrite              func()
}

func benchOf(t *testing.T, l librarytest.Layout, seed int64) *counted {
	t.Helper()
	c := &counted{Bench: taskstest.New(t, librarytest.GenerateWith(seed, librarytest.Options{
		Layout: l, Prefix: "/library", Roots: 2, Directories: 30, Files: 120, Tags: 25, Albums: 15, SmartAlbums: 3, Jobs: 3,
		Dirt: 0.4, OddIDs: 0.2, Drift: 0.8, ClipDimension: 8,
	}))}
	c.Before = c.see
	return c
}

func (c *counted) see(command connection.Command) {
	list, writes := map[string]string{"update": "updates", "delete": "deletes", "insert": "documents"}[command.Name]
	if !writes {
		return
	}
	c.commands++
	if c.onWrite != nil {
		c.onWrite()
	}
	if all, ok := command.Document.Lookup(list).ArrayOK(); ok {
		values, _ := bson.RawArray(all).Values()
		c.operations += len(values)
	}
}

// killAt makes a run that is ended at its write number at.
func (c *counted) killAt(t *testing.T, task tasks.Task, at int) {
	t.Helper()
	plan := c.Prepare(task)
	ctx, kill := context.WithCancelCause(t.Context())
	defer kill(nil)
	c.onWrite = func() {
		if at--; at < 0 {
			kill(errors.New("killed"))
		}
	}
	_, err := plan.Execute(ctx, c.Writer)
	if c.onWrite = nil; err == nil && ctx.Err() == nil {
		t.Error("the run was not killed")
	}
}
