package databaseoptimization_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
)

// Two libraries that share an index folder by mistake would otherwise replace each other's indexes, each night anew.
// Must fail where the name of the database is not compared.
func TestTheIndexesOfAnotherDatabaseStay(t *testing.T) {
	first := stamped(t, librarytest.Web)
	folder := first.Env.Options.IndexDir
	before := snapshot(t, folder)
	second := clean(t, librarytest.UCoreFS, folder)
	_, err := databaseoptimization.Task().Prepare(t.Context(), second.Env)
	var task *tasks.Error
	if !errors.As(err, &task) || task.Reason != report.ReasonConfiguration {
		t.Fatalf("Prepare() = %v, want a configuration error", err)
	}
	for _, part := range []string{"made from the database", "an index folder of its own", noteFile} {
		expectText(t, err.Error(), part)
	}
	if diff := cmp.Diff(before, snapshot(t, folder)); diff != "" {
		t.Errorf("the folder (-before +after):\n%s", diff)
	}
	if err := os.Remove(filepath.Join(folder, noteFile)); err != nil {
		t.Fatal(err)
	}
	if _, done := second.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] == 0 {
		t.Errorf("without the note, the counts are %v", done.Counts)
	}
}
