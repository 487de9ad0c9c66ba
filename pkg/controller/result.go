package controller

import (
	"fmt"
	"regexp"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// podGrace is how long after a Job's end the cache may still lack the end of its pod. Afterwards the pod counts as gone.
const podGrace = 10 * time.Second

// resultOf is the result of a Job that ended. It is false while the cache is probably behind, to be asked again later.
func (o observation) resultOf(job *batchv1.Job) (v1alpha1.RunResult, bool) {
	end, pod := endOf(job), lastEndedPod(o.pods[job.UID])
	late := o.now.Sub(end.LastTransitionTime.Time) >= podGrace
	if pod == nil && !late && end.Reason != batchv1.JobReasonDeadlineExceeded {
		return v1alpha1.RunResult{}, false
	}
	result := resultOfPod(job, end, pod)
	if result.SchemaVersion == 0 { // the run did not say it itself
		result.DryRun = cronjob.IsDryRun(job)
	}
	return runResult(job, result), true
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
		return failed(v1alpha1.RunReasonDeadlineExceeded, "the run took longer than spec.activeDeadline allows (%s) and was stopped: raise it, or see what the run waited for%s",
			deadlineOf(job), lastWords(state))
	case pod == nil:
		return podGone(end)
	case state == nil:
		return failed(v1alpha1.RunReasonNoResult, "the pod %s ended before its container ran (%s): %s", pod.Name, pod.Status.Reason, pod.Status.Message)
	case state.Reason == "OOMKilled":
		return failed(v1alpha1.RunReasonOOMKilled, "the pod needed more memory than its limit of %s and was killed: raise spec.job.resources.limits.memory", memoryLimit(pod))
	case state.Message == "":
		return failed(v1alpha1.RunReasonNoResult, "the pod %s exited with code %d (%s) and left no termination message: it was killed before it could report, or its image is not maint-job", pod.Name, state.ExitCode, state.Reason)
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
		return failed(v1alpha1.RunReasonUnreadableResult, "the pod %s exited with code %d (%s): %s", pod.Name, state.ExitCode, state.Reason, err)
	}
	if end.Type == batchv1.JobFailed && result.ExitCode() == 0 {
		result.Message = fmt.Sprintf("the Job failed (%s) although its pod reported %s: %s", end.Reason, result.Outcome, result.Message)
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
	return failed(v1alpha1.RunReasonPodGone, "the pod was deleted before its result was read; Kubernetes says of the Job: %s: %s", end.Reason, end.Message)
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
	finished := endOf(job).LastTransitionTime
	result := v1alpha1.RunResult{
		RunSummary: v1alpha1.RunSummary{
			Run: job.Name, Trigger: triggerOf(job),
			Outcome: string(r.Outcome), Reason: word(r.Reason), Message: withoutURI(r.Message), DryRun: r.DryRun,
			StartedAt: startOf(job), FinishedAt: &finished, Counts: figures(r.Counts),
			Attempts: job.Status.Failed + job.Status.Succeeded,
		},
		Task: job.Labels[v1alpha1.LabelTask], Sample: each(r.Sample, withoutURI), Warnings: each(r.Warnings, withoutURI),
	}
	if libraryName.MatchString(r.Library) {
		result.Library = r.Library
	}
	if digest.MatchString(r.PlanDigest) {
		result.PlanDigest = r.PlanDigest
	}
	took := time.Duration(r.DurationSeconds * float64(time.Second))
	if took == 0 && result.StartedAt != nil {
		took = finished.Sub(result.StartedAt.Time)
	}
	result.Duration = took.Round(100 * time.Millisecond).String()
	return result
}

// vanishedResult is the result of a run of which only status knows.
func vanishedResult(ms *v1alpha1.MaintenanceSchedule, run v1alpha1.ActiveRun, now metav1.Time) v1alpha1.RunResult {
	return v1alpha1.RunResult{Task: taskOf(ms), RunSummary: v1alpha1.RunSummary{
		Run: run.Run, Trigger: run.Trigger, DryRun: run.DryRun, StartedAt: run.StartedAt, FinishedAt: &now,
		Outcome: string(report.Failed), Reason: v1alpha1.RunReasonJobDeleted,
		Message: "its Job was deleted before its result was read, by hand, with its CronJob, or while the controller was away: how it ended is unknown",
	}}
}

// taskOf is the canonical name of the schedule's task.
func taskOf(ms *v1alpha1.MaintenanceSchedule) string {
	task, err := jobspec.TaskByName(string(ms.Spec.Task))
	if err != nil {
		return string(ms.Spec.Task)
	}
	return task.Name
}

// scheme is how a connection string begins; examples are what maint-job itself writes of one, which is no secret.
var (
	scheme   = regexp.MustCompile(`(?i)mongodb(\+srv)?:`)
	examples = regexp.MustCompile(`^(mongodb(\+srv)?://USER:PASSWORD@HOST|mongodb:// or mongodb\+srv://; write |mongodb\+srv://; write )`)
)

// withoutURI is a sentence up to a connection string. maint-job writes none; a job of another kind might.
func withoutURI(text string) string {
	for _, at := range scheme.FindAllStringIndex(text, -1) {
		if !examples.MatchString(text[at[0]:]) {
			return text[:at[0]] + "(a connection string, left out)"
		}
	}
	return text
}

func each(texts []string, change func(string) string) (changed []string) {
	for _, text := range texts {
		changed = append(changed, change(text))
	}
	return changed
}

// What a result may hold besides sentences. Anything else was not written by maint-job, may be anything, and is left out.
var (
	digest      = regexp.MustCompile(`^[0-9a-f]{1,64}$`)
	libraryName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	countName   = regexp.MustCompile(`^[a-z][A-Za-z]{0,63}$`)
)

// figures are the counts that have a name as the tasks have them.
func figures(counts report.Counts) report.Counts {
	for name := range counts {
		if !countName.MatchString(name) {
			delete(counts, name)
		}
	}
	return counts
}

var conditionReason = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,127}$`)

// word is the reason if a condition may carry it: one bad message must not make every later status write fail.
func word(reason report.Reason) string {
	if conditionReason.MatchString(string(reason)) {
		return string(reason)
	}
	return ""
}
