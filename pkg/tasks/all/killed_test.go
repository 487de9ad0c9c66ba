package all_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/all"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
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

// A run that is killed at any of its writes has done what it did: the next run plans what is left, ends where an undisturbed run
// ends, and what both wrote is at most one batch more. Seen to fail when every document was planned for again, as by a task that
// writes what it computed whether or not it differs. The tasks on files and on old records have tests of their own, and
// background-count-verification keeps its place.
func TestARunKilledAtAnyWriteRepeatsOneBatchAtMost(t *testing.T) {
	const seeds, kills = 4, 2
	for _, name := range []string{jobspec.RebuildAllCounts, jobspec.RebuildAlbumReferences, jobspec.CleanupOrphanedRecords} {
		t.Run(name, func(t *testing.T) {
			task := taskNamed(t, name)
			taskstest.Seeds(t, seeds, func(t *testing.T, seed int64) {
				undisturbed := benchOf(t, seed)
				undisturbed.Run(task)
				chance := rand.New(rand.NewPCG(uint64(seed), 11))
				for range kills {
					if undisturbed.commands == 0 {
						return
					}
					at := chance.IntN(undisturbed.commands)
					b := benchOf(t, seed)
					b.killAt(t, task, at)
					b.Run(task)
					batch := 2 * b.DB.Facts().MaxUpdates // the writes and, where the task has a journal, their entries
					if most := undisturbed.operations + batch; b.operations > most {
						t.Errorf("killed at write %d: %d operations were sent, an undisturbed run sends %d", at, b.operations, undisturbed.operations)
					}
					want, got := undisturbed.Read(), b.Read()
					for collection := range want {
						taskstest.Same(t, collection, want[collection], got[collection])
					}
					b.RunsAgainWithoutAWrite(task)
				}
			})
		})
	}
}

// counted is a bench that counts what is written.
type counted struct {
	*taskstest.Bench
	commands, operations int
	onWrite              func()
}

func benchOf(t *testing.T, seed int64) *counted {
	t.Helper()
	c := &counted{Bench: taskstest.New(t, librarytest.GenerateWith(seed, librarytest.Options{
		Prefix: "/library", Roots: 2, Directories: 30, Files: 120, Tags: 25, Albums: 15, SmartAlbums: 3, Embeddings: 30,
		Dirt: 0.4, OddIDs: 0.2, Drift: 0.8, ClipDimension: 8,
	}))}
	c.Before = c.see
	return c
}

func (c *counted) see(command mongodb.Command) {
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
