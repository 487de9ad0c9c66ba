package controller

import (
	"context"
	"fmt"
	"maps"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// apply does all writes but the status. A CronJob that the API server finds invalid turns the decision into a stalled
// one: an older one must not go on running meanwhile. It is tried again all the same, since a policy may have said so
// that somebody changes.
func (r *Reconciler) apply(ctx context.Context, seen observation, todo *decision) error {
	err := r.applyCronJob(ctx, seen, todo)
	if apierrors.IsInvalid(err) {
		*todo = decideStalled(seen, &cronjob.Problem{Reason: v1alpha1.ReasonInvalidParameters,
			Message: "the API server refuses what the spec leads to: " + err.Error()})
		todo.refused = true
		err = r.applyCronJob(ctx, seen, todo)
	}
	for _, job := range []*batchv1.Job{todo.catchUp.job, todo.runNow.job} {
		if err == nil && job != nil {
			err = r.refusals.try("Job", job, job.Name, seen.now, func() error { return r.createJob(ctx, seen, job) })
			todo.unmade = err != nil
		}
	}
	r.applyThrottle(ctx, seen, &todo.throttle)
	return err
}

func (r *Reconciler) applyCronJob(ctx context.Context, seen observation, todo *decision) error {
	write := map[action]func(context.Context, observation, *decision) error{create: r.createCronJob,
		update: r.updateCronJob, hold: r.updateCronJob}[todo.action]
	if write == nil {
		return nil
	}
	content := fmt.Sprint(todo.action, cronjob.StoredDigest(todo.cronJob), *todo.cronJob.Spec.Suspend)
	return r.refusals.try("CronJob", todo.cronJob, content, seen.now, func() error { return write(ctx, seen, todo) })
}

func (r *Reconciler) createCronJob(ctx context.Context, _ observation, todo *decision) error {
	made := todo.cronJob.DeepCopy()
	if err := r.Client.Create(ctx, made); err != nil {
		return fmt.Errorf("create the CronJob: %w", err)
	}
	todo.made = made.CreationTimestamp.Time
	todo.setStored(made)
	return nil
}

// updateCronJob writes the spec and our labels and annotations over the very CronJob that was observed: if it changed,
// or made way for somebody else's of the same name, the API server answers with a conflict. A write that changed
// nothing, since a policy undoes what it says, is no Event.
func (r *Reconciler) updateCronJob(ctx context.Context, seen observation, todo *decision) error {
	after := seen.cronJob.DeepCopy()
	after.Spec = *todo.cronJob.Spec.DeepCopy()
	after.Labels = merged(after.Labels, todo.cronJob.Labels)
	after.Annotations = merged(after.Annotations, todo.cronJob.Annotations)
	own(seen.schedule, after)
	if err := r.Client.Update(ctx, after); err != nil {
		return fmt.Errorf("update the CronJob: %w", err)
	}
	if after.ResourceVersion == seen.cronJob.ResourceVersion {
		todo.reason = ""
	}
	if todo.action == update {
		todo.setStored(after)
	}
	return nil
}

// setStored keeps what the API server made of what was written, where that is something else.
func (d *decision) setStored(made *batchv1.CronJob) {
	stored := cronjob.StoredDigest(made)
	if stored == cronjob.StoredDigest(d.cronJob) {
		stored = ""
	}
	d.stored = &stored
}

// own makes the schedule the controller of a CronJob that had none, or a former schedule of its name.
func own(ms *v1alpha1.MaintenanceSchedule, c *batchv1.CronJob) {
	if metav1.IsControlledBy(c, ms) {
		return
	}
	c.OwnerReferences = slices.DeleteFunc(c.OwnerReferences, func(o metav1.OwnerReference) bool {
		return o.Controller != nil && *o.Controller
	})
	c.OwnerReferences = append(c.OwnerReferences, cronjob.OwnerReference(ms))
}

func merged(all, ours map[string]string) map[string]string {
	result := maps.Clone(all)
	if result == nil {
		result = map[string]string{}
	}
	maps.Copy(result, ours)
	return result
}

// createJob makes a Job. One that is there already is the schedule's own, made before a crash and not in the
// cache yet, unless somebody else took its name.
func (r *Reconciler) createJob(ctx context.Context, seen observation, job *batchv1.Job) error {
	err := r.Client.Create(ctx, job.DeepCopy())
	if err == nil {
		return nil
	}
	var found batchv1.Job
	if !apierrors.IsAlreadyExists(err) || r.Reader.Get(ctx, client.ObjectKeyFromObject(job), &found) != nil {
		return fmt.Errorf("create the Job %s: %w", job.Name, err)
	}
	if !isOurs(seen.schedule, &found) {
		return fmt.Errorf("create the Job %s: one exists that is not this schedule's: delete it, or, "+
			"where run-now made the name, give %s another value", job.Name, v1alpha1.AnnotationRunNow)
	}
	return nil
}

// patchStatus writes the status if it differs. The optimistic lock keeps a cache that is behind from undoing what was
// written: without it one result could be counted twice.
func (r *Reconciler) patchStatus(ctx context.Context, seen observation,
	status v1alpha1.MaintenanceScheduleStatus) error {
	if equality.Semantic.DeepEqual(seen.schedule.Status, status) {
		return nil
	}
	after := seen.schedule.DeepCopy()
	after.Status = status
	lock := client.MergeFromWithOptions(seen.schedule, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Status().Patch(ctx, after, lock); err != nil {
		if apierrors.IsNotFound(err) { // deleted meanwhile
			return nil
		}
		return fmt.Errorf("write the status: %w", err)
	}
	if after.ResourceVersion != seen.schedule.ResourceVersion { // it is the same where nothing was different in JSON
		r.replaced.Store(client.ObjectKeyFromObject(seen.schedule), seen.schedule.ResourceVersion)
	}
	return nil
}
