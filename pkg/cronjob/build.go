package cronjob

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/schedule"
)

// DefaultRetries is the backoffLimit of a schedule that says nothing; the CRD has the same default.
const DefaultRetries = 2

// CronJob is the CronJob of the schedule. Held suspends it whatever spec.suspend says; since is as in
// Schedule.StartingDeadline.
func (r *Resolved) CronJob(held bool, since time.Time) *batchv1.CronJob {
	spec := batchv1.CronJobSpec{
		Schedule:                   r.Schedule.Cron,
		TimeZone:                   &r.Schedule.TimeZone,
		ConcurrencyPolicy:          batchv1.ForbidConcurrent,
		StartingDeadlineSeconds:    r.Schedule.StartingDeadline(since),
		Suspend:                    new(held || r.owner.Spec.Suspend),
		SuccessfulJobsHistoryLimit: historyLimit(r.Schedule),
		FailedJobsHistoryLimit:     historyLimit(r.Schedule),
		JobTemplate: batchv1.JobTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: r.podLabels(), Annotations: r.annotations()},
			Spec:       r.jobSpec(),
		},
	}
	return &batchv1.CronJob{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "CronJob"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       r.owner.Namespace,
			Name:            r.owner.Name,
			Labels:          r.labels(),
			Annotations:     map[string]string{v1alpha1.AnnotationApplied: digest(spec)},
			OwnerReferences: r.ownerReferences(),
		},
		Spec: spec,
	}
}

// ManualJob is the Job of that name that the value of run-now makes; a plan changes nothing.
func (r *Resolved) ManualJob(name, value string, plan bool) *batchv1.Job {
	run := *r
	run.options.DryRun = plan
	job := run.job(name)
	metav1.SetMetaDataAnnotation(&job.ObjectMeta, v1alpha1.AnnotationRunNow, value)
	return job
}

// IsDryRun tells whether a Job that was made here only plans.
func IsDryRun(job *batchv1.Job) bool {
	for _, c := range job.Spec.Template.Spec.Containers {
		if c.Name == ContainerName {
			return slices.Contains(c.Args, "--dry-run=true")
		}
	}
	return false
}

// SlotJob is the Job that the CronJob controller would make for a slot.
func (r *Resolved) SlotJob(slot time.Time) *batchv1.Job {
	job := r.job(schedule.SlotName(r.owner.Name, slot))
	metav1.SetMetaDataAnnotation(&job.ObjectMeta, batchv1.CronJobScheduledTimestampAnnotation,
		slot.Format(time.RFC3339))
	return job
}

// job is a Job that no CronJob makes. The schedule owns it, not the CronJob, whose controller would report a Job that
// it does not know.
func (r *Resolved) job(name string) *batchv1.Job {
	spec := r.jobSpec()
	spec.TTLSecondsAfterFinished = new(int32(ownTTL / time.Second))
	return &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       r.owner.Namespace,
			Name:            name,
			Labels:          r.podLabels(),
			Annotations:     r.annotations(),
			OwnerReferences: r.ownerReferences(),
		},
		Spec: spec,
	}
}

// ManualJobName is at most 63 characters, as a schedule's name has at most 52. It follows from the schedule and the
// value, so that a run is made at most once however often the controller is interrupted, and from how often that value
// came before (0: never). The schedule's UID is part of the digest: a schedule that was deleted and made again does not
// meet its predecessor's Job.
func ManualJobName(ms *v1alpha1.MaintenanceSchedule, value string, again int) string {
	text := string(ms.UID) + "\x00" + value
	if again > 0 {
		text += fmt.Sprintf("\x00%d", again)
	}
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%s-now-%s", ms.Name, hex.EncodeToString(sum[:3]))
}

func (r *Resolved) jobSpec() batchv1.JobSpec {
	retries := int32(DefaultRetries)
	if retry := r.owner.Spec.Retry; retry != nil && retry.Limit != nil {
		retries = *retry.Limit
	}
	spec := batchv1.JobSpec{
		BackoffLimit:          &retries,
		ActiveDeadlineSeconds: new(int64(r.activeDeadline() / time.Second)),
		PodFailurePolicy:      podFailurePolicy(),
		Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: r.podLabels(), Annotations: r.annotations()},
			Spec:       r.podSpec(),
		},
	}
	r.share(&spec)
	return spec
}

// podFailurePolicy ends the Job at once where trying again cannot help, and does not count a pod that the cluster took
// away.
func podFailurePolicy() *batchv1.PodFailurePolicy {
	return &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{
		Action: batchv1.PodFailurePolicyActionFailJob,
		OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
			ContainerName: new(ContainerName),
			Operator:      batchv1.PodFailurePolicyOnExitCodesOpIn,
			Values:        jobspec.FatalExitCodes(),
		},
	}, {
		Action: batchv1.PodFailurePolicyActionIgnore,
		OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{
			{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue},
		},
	}}}
}

func (r *Resolved) labels() map[string]string {
	return map[string]string{
		"app.kubernetes.io/name": ContainerName,
		v1alpha1.LabelManagedBy:  v1alpha1.ManagedBy,
		v1alpha1.LabelSchedule:   r.owner.Name,
		v1alpha1.LabelTask:       r.Task.Name,
	}
}

// podLabels are the user's, then ours: nobody can take a Job out of the controller's sight.
func (r *Resolved) podLabels() map[string]string {
	labels := map[string]string{}
	if r.owner.Spec.Job != nil {
		maps.Copy(labels, r.owner.Spec.Job.Labels)
	}
	maps.Copy(labels, r.labels())
	return labels
}

// annotations are the user's, for Jobs and pods.
func (r *Resolved) annotations() map[string]string {
	if r.owner.Spec.Job == nil {
		return nil
	}
	return maps.Clone(r.owner.Spec.Job.Annotations)
}

func (r *Resolved) ownerReferences() []metav1.OwnerReference {
	return []metav1.OwnerReference{OwnerReference(r.owner)}
}

// OwnerReference says that the schedule controls an object. It does not block the schedule's deletion: that would need
// a right on its finalizers.
func OwnerReference(ms *v1alpha1.MaintenanceSchedule) metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(),
		Kind:       v1alpha1.Kind,
		Name:       ms.Name,
		UID:        ms.UID,
		Controller: new(true),
	}
}

func digest(spec batchv1.CronJobSpec) string {
	b, err := json.Marshal(spec)
	if err != nil { // no field of it can fail to marshal
		panic(fmt.Sprintf("cronjob: marshal a spec: %v", err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
