package controller

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
)

// deletedJobResult is the result of a run of which only status knows, and maybe a pod. Without a pod that says how it
// ended, that is unknown: to call it a failure could stop a healthy schedule.
func (o observation) deletedJobResult(run v1alpha1.ActiveRun, now metav1.Time) v1alpha1.RunResult {
	result := v1alpha1.RunResult{Task: taskOf(o.schedule), RunSummary: v1alpha1.RunSummary{
		Run: run.Run, Trigger: run.Trigger, DryRun: run.DryRun, StartedAt: run.StartedAt, FinishedAt: &now,
		Outcome: v1alpha1.OutcomeUnknown, Reason: v1alpha1.RunReasonJobDeleted,
		Message: "its Job was deleted before its result was read, by hand, with its CronJob, " +
			"or while the controller was away: how it ended is unknown",
	}}
	if words, ended := o.completedPodResult(run.Run); words != nil {
		own := sanitizedResult(*words)
		own.Run, own.Trigger, own.Task = result.Run, result.Trigger, result.Task
		own.StartedAt, own.FinishedAt = result.StartedAt, &ended
		own.Duration = took(*words, own.RunSummary).String()
		return own
	}
	return result
}

// completedPodResult is what a pod says that completed a run whose Job is gone, and when it ended; nil where none does.
// After a pod that failed there may have been another, so that it proves nothing.
func (o observation) completedPodResult(run string) (*report.Result, metav1.Time) {
	for i := range o.left {
		pod := &o.left[i]
		if pod.Labels[batchv1.JobNameLabel] != run || cronjob.Helps(pod) || pod.Status.Phase != corev1.PodSucceeded {
			continue
		}
		state := terminated(pod)
		if state == nil {
			continue
		}
		if words, err := report.Parse(state.Message); err == nil {
			return &words, state.FinishedAt
		}
	}
	return nil, metav1.Time{}
}
