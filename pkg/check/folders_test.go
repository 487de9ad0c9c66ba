package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// Seen to fail when only a library root said so.
func TestAFolderThatMayNotBeReadNamesTheUserOfTheRuns(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]jobspec.Options{
		"a library root": {LibraryRoots: []string{closed}}, "a cache folder": {CacheDirs: []string{closed}},
		"a log folder": {LogDir: closed}, "an index folder": {IndexDir: closed},
	} {
		t.Run(name, func(t *testing.T) {
			tooltest.AsNobody(t)
			all := folders(o, nil)
			if len(all) != 1 || !strings.Contains(all[0].Problem, "may not read "+closed) || !strings.Contains(all[0].Problem,
				"jobs.user") {
				t.Errorf("%+v", all)
			}
		})
	}
}
