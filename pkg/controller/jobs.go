package controller

import (
	"cmp"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// endOf is the condition that says that a Job ended, or nil while it is under way.
func endOf(job *batchv1.Job) *batchv1.JobCondition {
	for i, c := range job.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return &job.Status.Conditions[i]
		}
	}
	return nil
}

// compareEnds orders Jobs by when they ended, then by when they were made, then by name; those under way come last.
func compareEnds(a, b batchv1.Job) int {
	endA, endB := endOf(&a), endOf(&b)
	if (endA == nil) != (endB == nil) {
		if endA == nil {
			return 1
		}
		return -1
	}
	later := 0
	if endA != nil {
		later = endA.LastTransitionTime.Compare(endB.LastTransitionTime.Time)
	}
	return cmp.Or(later, a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

// unrecorded are the Jobs that ended and whose result the stored status does not hold.
func (o observation) unrecorded() (jobs []*batchv1.Job) {
	for i := range o.jobs {
		if job := &o.jobs[i]; endOf(job) != nil && !isRecorded(&o.schedule.Status, historyLimit(o.schedule), job) {
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// triggerOf knows run-now by its annotation, and `kubectl create job --from` by kubectl's.
func triggerOf(job *batchv1.Job) v1alpha1.Trigger {
	_, manual := job.Annotations[v1alpha1.AnnotationRunNow]
	if manual || job.Annotations["cronjob.kubernetes.io/instantiate"] == "manual" {
		return v1alpha1.TriggerManual
	}
	return v1alpha1.TriggerScheduled
}

// startOf is when a Job started, or nil when it has not.
func startOf(job *batchv1.Job) *metav1.Time {
	if job.Status.StartTime == nil {
		return nil
	}
	return new(metav1.NewTime(job.Status.StartTime.UTC().Truncate(time.Second)))
}

// activeRuns are the Jobs that are under way. One whose end is recorded is not, whatever a watch that is late shows.
func (o observation) activeRuns() (runs []v1alpha1.ActiveRun) {
	for i := range o.jobs {
		job := &o.jobs[i]
		if endOf(job) == nil && !isOver(&o.schedule.Status, historyLimit(o.schedule), job) {
			run := activeRun(job)
			run.Progress = o.progressOf(job.Name)
			runs = append(runs, run)
		}
	}
	return runs
}

func activeRun(job *batchv1.Job) v1alpha1.ActiveRun {
	return v1alpha1.ActiveRun{Run: job.Name, Trigger: triggerOf(job), DryRun: cronjob.IsDryRun(job),
		StartedAt: startOf(job)}
}
