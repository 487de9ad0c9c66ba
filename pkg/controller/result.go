package controller

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// podGrace is how long after a Job's end the cache may still lack the end of its pod. Afterwards the API server is
// asked, and a pod that it does not have is gone.
const podGrace = 10 * time.Second

// resultOf is the result of a Job that ended. It is false while the cache is probably behind, to be asked again later.
func (o observation) resultOf(job *batchv1.Job) (v1alpha1.RunResult, bool) {
	end, pods := endOf(job), o.pods[job.UID]
	if !o.isWhole(job) && !o.isLate(job) && end.Reason != batchv1.JobReasonDeadlineExceeded {
		return v1alpha1.RunResult{}, false
	}
	pod := lastEndedPod(pods)
	if pod != nil && pod.Status.Phase != corev1.PodSucceeded && end.Type == batchv1.JobComplete {
		pod = nil // an earlier attempt's: the one that completed the Job is gone
	}
	result := resultOfPod(job, end, pod)
	if result.SchemaVersion == 0 { // the run did not say it itself
		result.DryRun = cronjob.IsDryRun(job)
	}
	if isShared(job) {
		result.Warnings = append(result.Warnings, warningsOfHelpers(o.helpers[job.UID])...)
	}
	run := runResult(job, result)
	if isShared(job) {
		run.Attempts = o.attempts(job)
	}
	return run, true
}

// lastEndedPod is the last attempt's: a Job that was retried has several.
func lastEndedPod(pods []corev1.Pod) *corev1.Pod {
	var last *corev1.Pod
	for i := range pods {
		pod := &pods[i]
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		if ended && (last == nil || last.CreationTimestamp.Before(&pod.CreationTimestamp)) {
			last = pod
		}
	}
	return last
}

// resultOfPod reads what the pod left, and says clearly what is wrong where it left nothing to read.
func resultOfPod(job *batchv1.Job, end *batchv1.JobCondition, pod *corev1.Pod) report.Result {
	switch state := terminated(pod); {
	case end.Reason == batchv1.JobReasonDeadlineExceeded:
		return failed(v1alpha1.RunReasonDeadlineExceeded,
			"the run took longer than spec.activeDeadline allows (%s) and was stopped: raise it, "+
				"or see what the run waited for%s",
			deadlineOf(job), lastWords(state))
	case pod == nil:
		return podGone(end)
	case isTakenAway(pod):
		return failed(v1alpha1.RunReasonEvicted,
			"the cluster took the pod %s away from the node %s (%s), and no other could end the run: %s",
			pod.Name, pod.Spec.NodeName, takenBy(pod).reason, takenBy(pod).message)
	case failedInit(pod) != nil:
		c := failedInit(pod)
		return failed(v1alpha1.RunReasonInitFailed,
			"the init container %s, which another program added to the pod %s, exited with code %d (%s): %s",
			c.Name, pod.Name, c.State.Terminated.ExitCode, c.State.Terminated.Reason, c.State.Terminated.Message)
	case state != nil && isNotStarted(state):
		return failed(v1alpha1.RunReasonCannotStart, "the container could not be started (%s): %s", state.Reason,
			state.Message)
	case state == nil:
		return failed(v1alpha1.RunReasonNoResult, "the pod %s ended before its container ran (%s): %s", pod.Name,
			pod.Status.Reason, pod.Status.Message)
	case state.Reason == "OOMKilled":
		return failed(v1alpha1.RunReasonOOMKilled,
			"the pod needed more memory than its limit of %s and was killed: raise spec.job.resources.limits.memory",
			memoryLimit(pod))
	case state.Message == "":
		return failed(v1alpha1.RunReasonNoResult,
			"the pod %s exited with code %d (%s) and left no termination message: "+
				"it was killed before it could report, or its image is not maint-job",
			pod.Name, state.ExitCode, state.Reason)
	default:
		return resultOfMessage(end, pod, state)
	}
}

func deadlineOf(job *batchv1.Job) time.Duration {
	if job.Spec.ActiveDeadlineSeconds == nil {
		return 0
	}
	return time.Duration(*job.Spec.ActiveDeadlineSeconds) * time.Second
}

// lastWords are what the last attempt of a run that was stopped had said, if it had.
func lastWords(state *corev1.ContainerStateTerminated) string {
	if state == nil {
		return ""
	}
	result, err := report.Parse(state.Message)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("; its last attempt ended as %s %s: %s", result.Outcome, result.Reason, result.Message)
}

func resultOfMessage(end *batchv1.JobCondition, pod *corev1.Pod, state *corev1.ContainerStateTerminated) report.Result {
	result, err := report.Parse(state.Message)
	if err != nil {
		return failed(v1alpha1.RunReasonUnreadableResult, "the pod %s exited with code %d (%s): %s", pod.Name,
			state.ExitCode, state.Reason, err)
	}
	if end.Type == batchv1.JobFailed && result.ExitCode() == 0 {
		result.Message = fmt.Sprintf("the Job failed (%s) although its pod reported %s: %s",
			end.Reason, result.Outcome, result.Message)
		result.Outcome, result.Reason = report.Failed, v1alpha1.RunReasonJobFailed
	}
	return result
}

// podGone takes Kubernetes' own word for it: only an exit with code 0 completes a Job.
func podGone(end *batchv1.JobCondition) report.Result {
	if end.Type == batchv1.JobComplete {
		return report.Result{Outcome: report.Succeeded, Reason: v1alpha1.RunReasonPodGone,
			Message: "the run exited well, but its pod was deleted before its result was read: the figures are unknown"}
	}
	return failed(v1alpha1.RunReasonPodGone,
		"the pod was deleted before its result was read; Kubernetes says of the Job: %s: %s", end.Reason, end.Message)
}

func failed(reason report.Reason, format string, args ...any) report.Result {
	return report.Result{Outcome: report.Failed, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// terminated is how the pod's only container ended; nil where there is no pod, or the container never ran.
func terminated(pod *corev1.Pod) *corev1.ContainerStateTerminated {
	if pod == nil {
		return nil
	}
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name == cronjob.ContainerName {
			return c.State.Terminated
		}
	}
	return nil
}

func memoryLimit(pod *corev1.Pod) string {
	for _, c := range pod.Spec.Containers {
		if limit, ok := c.Resources.Limits[corev1.ResourceMemory]; ok && c.Name == cronjob.ContainerName {
			return limit.String()
		}
	}
	return "the node's memory"
}

// runResult names the run and its times as Kubernetes knows them, whatever the message claims.
func runResult(job *batchv1.Job, r report.Result) v1alpha1.RunResult {
	result := sanitizedResult(r)
	result.Run, result.Trigger, result.Task = job.Name, triggerOf(job), job.Labels[v1alpha1.LabelTask]
	result.StartedAt, result.FinishedAt = startOf(job), new(endOf(job).LastTransitionTime)
	result.Attempts = job.Status.Failed + job.Status.Succeeded
	result.Duration = took(r, result.RunSummary).String()
	return result
}

// taskOf is the canonical name of the schedule's task.
func taskOf(ms *v1alpha1.MaintenanceSchedule) string {
	task, err := jobspec.TaskByName(string(ms.Spec.Task))
	if err != nil {
		return string(ms.Spec.Task)
	}
	return task.Name
}
