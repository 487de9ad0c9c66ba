package controller

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// defaultHistory is the historyLimit of a schedule that says nothing; the CRD has the same default.
const defaultHistory = 10

// cacheLag is how much later than a Job that ended after it a Job's end may be seen.
const cacheLag = time.Minute

// isRecorded tells whether the status holds, or once held, the Job's result. Results are looked up by name; a run is
// active until it is recorded; and a full history has forgotten what is not later than its oldest entry.
func isRecorded(status *v1alpha1.MaintenanceScheduleStatus, limit int, job *batchv1.Job) bool {
	if slices.ContainsFunc(status.History, func(run v1alpha1.RunSummary) bool { return run.Run == job.Name }) {
		return true
	}
	active := slices.ContainsFunc(status.Active, func(run v1alpha1.ActiveRun) bool { return run.Run == job.Name })
	if active || len(status.History) == 0 {
		return false
	}
	ended := endOf(job).LastTransitionTime
	newest, oldest := status.History[0], status.History[len(status.History)-1]
	if ended.Time.Before(endedAt(newest).Add(-cacheLag)) {
		return true
	}
	return len(status.History) >= limit &&
		compareRuns(oldest, v1alpha1.RunSummary{StartedAt: startOf(job), FinishedAt: &ended}) <= 0
}

// isOver tells whether the status holds, or once held, the end of a Job that seems to be under way.
func isOver(status *v1alpha1.MaintenanceScheduleStatus, limit int, job *batchv1.Job) bool {
	if slices.ContainsFunc(status.History, func(run v1alpha1.RunSummary) bool { return run.Run == job.Name }) {
		return true
	}
	if len(status.History) < limit || slices.ContainsFunc(status.Active, func(run v1alpha1.ActiveRun) bool {
		return run.Run == job.Name
	}) {
		return false
	}
	oldest := status.History[len(status.History)-1] // a full history has forgotten those before it
	return oldest.StartedAt != nil && job.CreationTimestamp.Before(oldest.StartedAt)
}

// compareRuns orders runs latest first, as far as the API's whole seconds tell: two runs may well end in one.
func compareRuns(a, b v1alpha1.RunSummary) int {
	return cmp.Or(endedAt(b).Compare(endedAt(a)), startedAt(b).Compare(startedAt(a)))
}

// endedAt is when a run ended. Of one whose end nobody saw only the start is known, and it is no later than those that
// started later.
func endedAt(run v1alpha1.RunSummary) time.Time {
	if run.Outcome == v1alpha1.OutcomeUnknown {
		return startedAt(run)
	}
	return run.FinishedAt.Time
}

// startedAt is when a run started, or when it ended without a start that anybody saw.
func startedAt(run v1alpha1.RunSummary) time.Time {
	if run.StartedAt == nil {
		return run.FinishedAt.Time
	}
	return run.StartedAt.Time
}

func historyLimit(ms *v1alpha1.MaintenanceSchedule) int {
	if limit := ms.Spec.HistoryLimit; limit != nil {
		return max(int(*limit), 1)
	}
	return defaultHistory
}

// record adds a result to the status. Of runs whose times are the same, the one recorded later is the later one. A dry
// run is shown, and counts neither as a success nor as a failure.
func record(status *v1alpha1.MaintenanceScheduleStatus, result v1alpha1.RunResult) {
	result.WarningCount = int32(len(result.Warnings))
	status.History = append([]v1alpha1.RunSummary{result.RunSummary}, status.History...)
	slices.SortStableFunc(status.History, compareRuns)
	recordLastRun(status, result)
	if result.DryRun {
		return
	}
	if status.EndedRuns == nil {
		status.EndedRuns = map[string]int64{}
	}
	status.EndedRuns[result.Outcome]++
	switch report.Outcome(result.Outcome) {
	case report.Succeeded, report.Paused:
		status.LastSuccessfulTime = result.FinishedAt
		status.ConsecutiveFailures = 0
	case report.Failed, report.Partial, report.Refused:
		status.LastFailureTime = result.FinishedAt
		status.ConsecutiveFailures++
	}
}

// recordLastRun keeps the last run that ended and, beside a dry run, the last one that was none.
func recordLastRun(status *v1alpha1.MaintenanceScheduleStatus, result v1alpha1.RunResult) {
	real := lastRealRun(status)
	if !result.DryRun && (real == nil || compareRuns(result.RunSummary, *real) <= 0) {
		real = &result.RunSummary
	}
	if status.History[0].Run == result.Run {
		status.LastRun = &result
	}
	status.LastRealRun = nil
	if status.LastRun != nil && status.LastRun.DryRun {
		status.LastRealRun = real
	}
}

// lastRealRun is the last run that was not a dry run, or nil: what metrics and alerts are about.
func lastRealRun(status *v1alpha1.MaintenanceScheduleStatus) *v1alpha1.RunSummary {
	if status.LastRun != nil && !status.LastRun.DryRun {
		return &status.LastRun.RunSummary
	}
	if status.LastRealRun != nil {
		return status.LastRealRun
	}
	for i := range status.History { // an older version kept no other
		if !status.History[i].DryRun {
			return &status.History[i]
		}
	}
	return nil
}
