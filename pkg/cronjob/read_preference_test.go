package cronjob

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func TestOnlyATaskThatLooksTwiceMayReadFromASecondary(t *testing.T) {
	for task, allowed := range map[v1alpha1.TaskName]bool{
		jobspec.VerifyReferences: true, jobspec.RebuildAllCounts: true, "background_verification": true,
		jobspec.CleanupOrphanedRecords: false, jobspec.CleanupOldRecords: false,
	} {
		r, err := Resolve(scheduleOf(v1alpha1.MaintenanceScheduleSpec{
			Task: task, Schedule: "@daily", ReadPreference: v1alpha1.ReadSecondaryPreferred}), settings())
		if !allowed {
			if err == nil || !strings.Contains(err.Error(), "reads from the primary only") {
				t.Errorf("%s: %v", task, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		args := r.CronJob(false, time.Time{}).Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
		if !slices.Contains(args, "--read-preference=secondaryPreferred") {
			t.Errorf("%s: %q", task, args)
		}
	}
}
