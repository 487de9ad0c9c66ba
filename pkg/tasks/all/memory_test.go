package all

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

const beside = 64 << 20 // what every run may use besides

// roomy is a bench of a small library with all that a task needs.
func roomy(t *testing.T) *taskstest.Bench {
	t.Helper()
	o := librarytest.TinyOptions(1)
	o.Layout, o.Embeddings = librarytest.UCoreFS, o.Files
	b := taskstest.New(t, librarytest.GenerateWith(1, o))
	b.Env.Options.LibraryRoots, b.Env.Options.IndexDir = []string{t.TempDir()}, t.TempDir()
	b.Env.Library.Counters = slices.Clone(b.Env.Library.Counters)
	for i, c := range b.Env.Library.Counters { // of directories with all that is below them
		if c.Field.Collection == "directory_records" {
			b.Env.Library.Counters[i].Below = library.Field{Collection: "directory_records", Name: "parent_id"}
		}
	}
	return b
}

// refusal is what a task says that has so much memory; empty: it fits.
func refusal(t *testing.T, b *taskstest.Bench, name string, memory int64) string {
	t.Helper()
	list := Tasks()
	task := list[slices.IndexFunc(list, func(task tasks.Task) bool { return task.Name == name })]
	b.Env.Memory = memory
	_, err := task.Prepare(t.Context(), b.Env)
	var refused *tasks.Error
	if err != nil && (!errors.As(err, &refused) || refused.Reason != report.ReasonConfiguration) {
		t.Fatal(err)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// Seen to fail for each of the tasks without its estimate.
func TestWhatDoesNotFitIntoMemoryIsRefusedBeforeItBegins(t *testing.T) {
	for _, name := range []string{
		jobspec.RebuildAllCounts, jobspec.BackgroundCountVerification, jobspec.VerifyReferences,
		jobspec.CleanupOrphanedRecords,
		jobspec.RebuildAlbumReferences, jobspec.CleanupOrphanedFileRecords, jobspec.DatabaseOptimization,
	} {
		t.Run(name, func(t *testing.T) {
			b := roomy(t)
			says := refusal(t, b, name, beside)
			for _, part := range []string{"needs about 64 MiB for", "may use 64 MiB", "raise the memory limit",
				"to 72 MiB or more"} {
				if !strings.Contains(says, part) {
					t.Errorf("with no room: %q lacks %q", says, part)
				}
			}
			if says := refusal(t, b, name, beside+1<<20); says != "" {
				t.Errorf("with room: %s", says)
			}
		})
	}
}

// In each case, what can be estimated fits exactly. Seen to fail when only the estimates were compared.
func TestWhatTurnsOutNotToFitIsRefusedWhileItIsRead(t *testing.T) {
	estimate := func(t *testing.T, b *taskstest.Bench) int64 {
		return 16 * b.Env.DB.Estimate(t.Context(), "file_records")
	}
	for name, fits := range map[string]func(t *testing.T, b *taskstest.Bench) int64{
		jobspec.RebuildAlbumReferences: func(t *testing.T, b *taskstest.Bench) int64 {
			for range 100 { // of an album that does not list them
				file := bson.D{{Key: "album_ids", Value: bson.A{bson.NewObjectID()}}}
				if _, err := b.Server.DB.Collection("file_records").InsertOne(t.Context(), file); err != nil {
					t.Fatal(err)
				}
			}
			return b.Env.DB.Size(t.Context(), "albums")
		},
		jobspec.DatabaseOptimization: estimate,
		jobspec.CleanupOrphanedFileRecords: func(t *testing.T, b *taskstest.Bench) int64 {
			for i := range 2 * b.Env.DB.Estimate(t.Context(), "file_records") {
				file := filepath.Join(b.Env.Options.LibraryRoots[0], fmt.Sprint(i))
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			return estimate(t, b)
		},
		jobspec.ReprocessIncompleteEmbeddings: func(t *testing.T, b *taskstest.Bench) int64 {
			queued := bson.D{{Key: "handler_name", Value: "process_phase2_batch"}, {Key: "status", Value: "pending"},
				{Key: "task_args", Value: bson.NewObjectID().Hex()}}
			if _, err := b.Server.DB.Collection("tasks").InsertOne(t.Context(), queued); err != nil {
				t.Fatal(err)
			}
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := roomy(t)
			memory := beside + fits(t, b)
			if says := refusal(t, b, name, memory); !strings.Contains(says,
				"needs more than 64 MiB, and the run may use 64 MiB") {
				t.Errorf("it says %q", says)
			}
		})
	}
}
