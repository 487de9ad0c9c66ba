package all

import (
	"errors"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

func TestWhatDoesNotFitIntoMemoryIsRefusedBeforeItBegins(t *testing.T) {
	holding := []string{jobspec.RebuildAllCounts, jobspec.VerifyReferences, jobspec.CleanupOrphanedRecords}
	for _, task := range Tasks() {
		for _, name := range holding {
			if task.Name != name {
				continue
			}
			t.Run(name, func(t *testing.T) {
				b := taskstest.New(t, librarytest.UCoreFS.Generate(1, librarytest.Tiny))
				b.Env.Memory = 64 << 20
				_, err := task.Prepare(t.Context(), b.Env)
				var refused *tasks.Error
				if !errors.As(err, &refused) || refused.Reason != report.ReasonConfiguration || !strings.Contains(err.Error(), "raise the memory limit") {
					t.Errorf("with no room: %v", err)
				}
				b.Env.Memory = 65 << 20
				if _, err := task.Prepare(t.Context(), b.Env); err != nil {
					t.Errorf("with room: %v", err)
				}
			})
		}
	}
}
