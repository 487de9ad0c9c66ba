package databaseoptimization

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Seen to fail when the message was to make the folder, or to mount what it is on.
func TestAnIndexFolderThatMayNotBeReadNamesTheUserOfTheRuns(t *testing.T) {
	dir := t.TempDir()
	closed := filepath.Join(dir, "closed")
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755), os.Mkdir(closed, 0)); err != nil {
		t.Fatal(err)
	}
	for folder, says := range map[string]string{closed: "jobs.user", closed + ".none": "make the folder"} {
		tooltest.AsNobody(t)
		_, err := openFolder(tasks.Env{Options: jobspec.Options{IndexDir: folder}})
		if err == nil || !strings.Contains(err.Error(), says) || says == "jobs.user" && strings.Contains(err.Error(),
			"mount") {
			t.Errorf("%s: %v, want %q", folder, err, says)
		}
	}
}
