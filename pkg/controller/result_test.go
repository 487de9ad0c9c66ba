package controller

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// noon is when the pure tests look.
var noon = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

// endedJob is a Job that ended at noon.
func endedJob(kind batchv1.JobConditionType, reason string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: "nightly-1", UID: "1", CreationTimestamp: metav1.NewTime(noon.Add(-time.Minute))},
		Status: batchv1.JobStatus{Conditions: []batchv1.JobCondition{
			{Type: kind, Status: corev1.ConditionTrue, Reason: reason, LastTransitionTime: metav1.NewTime(noon)}}},
	}
}

func endedPod(text string, code int32) corev1.Pod {
	phase := corev1.PodFailed
	if code == 0 {
		phase = corev1.PodSucceeded
	}
	return corev1.Pod{Status: corev1.PodStatus{Phase: phase, ContainerStatuses: []corev1.ContainerStatus{{
		Name: cronjob.ContainerName, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code,
			Message: text}}}}}}
}

// judged is what the controller makes of a pod that ended so.
func judged(text string, code int32) (v1alpha1.RunResult, bool) {
	job := endedJob(batchv1.JobFailed, "BackoffLimitExceeded")
	seen := observation{now: noon, pods: map[types.UID][]corev1.Pod{job.UID: {endedPod(text, code)}}}
	return seen.resultOf(job)
}
