package kubectlmaint

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/schedulestatus"
)

// Refused is pure: the last run of a schedule, if its plan waits for an approval. A digest that is not empty has to be
// the plan's.
func Refused(ms *v1alpha1.MaintenanceSchedule, digest string) (*v1alpha1.RunResult, error) {
	run := ms.Status.LastRun
	switch {
	case run == nil:
		return nil, fmt.Errorf("%s has not run yet: kubectl maint plan %s shows what a run would do", ms.Name, ms.Name)
	case !needsApproval(run):
		return nil, fmt.Errorf("there is nothing to approve: the last run of %s, %s, ended as %s, "+
			"and no approval would change that; kubectl maint plan %s shows what a run would do now",
			ms.Name, run.Run, schedulestatus.Result(run.RunSummary), ms.Name)
	case allowedPlan(ms) == run.PlanDigest:
		return nil, fmt.Errorf("the plan %s is approved already: kubectl maint run %s --wait carries it out",
			run.PlanDigest, ms.Name)
	case digest != "" && digest != run.PlanDigest:
		return nil, fmt.Errorf("the plan of the last run, %s, is %s and not %s: look at it again, "+
			"since what would be deleted has changed",
			run.Run, run.PlanDigest, digest)
	}
	return run, nil
}

// needsApproval tells whether a run refused a plan, or left a library root alone, and would not if that was allowed.
func needsApproval(run *v1alpha1.RunResult) bool {
	reason := report.Reason(run.Reason)
	approvable := []report.Reason{report.ReasonDeletionCapExceeded, report.ReasonTargetMissing,
		report.ReasonRootNotMounted}
	return run.PlanDigest != "" && slices.Contains(approvable, reason)
}

func allowedPlan(ms *v1alpha1.MaintenanceSchedule) string {
	if ms.Spec.Limits == nil {
		return ""
	}
	return ms.Spec.Limits.AllowPlan
}

// ApprovePatch lets runs carry out this one plan, whatever the limits say.
func ApprovePatch(digest string) []byte {
	return merge(nil, map[string]any{"limits": map[string]any{"allowPlan": digest}})
}
