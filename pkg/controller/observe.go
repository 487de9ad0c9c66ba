package controller

import (
	"context"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// observation is everything that a decision may depend on.
type observation struct {
	now      time.Time
	schedule *v1alpha1.MaintenanceSchedule
	cronJob  *batchv1.CronJob                 // of the schedule's name, whoever owns it; nil if there is none
	jobs     []batchv1.Job                    // the schedule's own, in the order in which they ended, then those under way
	pods     map[types.UID][]corev1.Pod       // those that lead a run, by its Job
	helpers  map[types.UID][]corev1.Pod       // those that help them
	progress map[string]*v1alpha1.RunProgress // what runs under way have just said, by their names
	starting bool                             // the pod of a run started a moment ago and has no step to show yet
	vanished []v1alpha1.ActiveRun             // runs that status holds as active and whose Job is gone
	left     []corev1.Pod                     // pods of those
	holders  holders                          // of the claims that runs mount
	warnings map[types.UID]warning            // about Jobs and pods that have waited for long

	protected []cronjob.Protected // of other schedules, on the claims that this one deletes from
}

// observe does all reads. It returns nil when the schedule is gone or on its way.
func (r *Reconciler) observe(ctx context.Context, key types.NamespacedName) (*observation, error) {
	seen := &observation{now: r.Now(), schedule: &v1alpha1.MaintenanceSchedule{}, pods: map[types.UID][]corev1.Pod{},
		helpers:  map[types.UID][]corev1.Pod{},
		progress: map[string]*v1alpha1.RunProgress{}, warnings: map[types.UID]warning{}}
	if err := r.Client.Get(ctx, key, seen.schedule); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read the schedule: %w", err)
	}
	if seen.schedule.DeletionTimestamp != nil {
		return nil, nil
	}
	for _, read := range []func(context.Context, *observation) error{r.readCronJob, r.readJobs, r.readActive,
		r.readPods, r.readLatePods, r.readWarnings, r.readHolders, r.readProgress, r.readProtected} {
		if err := read(ctx, seen); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func (r *Reconciler) readCronJob(ctx context.Context, seen *observation) error {
	var found batchv1.CronJob
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(seen.schedule), &found)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the CronJob: %w", err)
	}
	seen.cronJob = &found
	return nil
}

// readWholeCronJob reads from the API server itself what is about to be written over: the cache holds a slim one.
func (r *Reconciler) readWholeCronJob(ctx context.Context, seen *observation) error {
	var found batchv1.CronJob
	err := r.Reader.Get(ctx, client.ObjectKeyFromObject(seen.schedule), &found)
	if apierrors.IsNotFound(err) {
		seen.cronJob = nil
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the whole CronJob: %w", err)
	}
	seen.cronJob = &found
	return nil
}

func (r *Reconciler) readJobs(ctx context.Context, seen *observation) error {
	var found batchv1.JobList
	err := r.Client.List(ctx, &found, client.InNamespace(seen.schedule.Namespace), ofSchedule(seen.schedule))
	if err != nil {
		return fmt.Errorf("list the Jobs: %w", err)
	}
	for _, job := range found.Items {
		if isOurs(seen.schedule, &job) {
			seen.jobs = append(seen.jobs, job)
		}
	}
	return nil
}

// readActive asks the API server itself for the Jobs of active runs that the cache does not show: they are too new for
// it, or they are gone, and then nothing but status knows that there was a run.
func (r *Reconciler) readActive(ctx context.Context, seen *observation) error {
	for _, run := range seen.schedule.Status.Active {
		if slices.ContainsFunc(seen.jobs, func(job batchv1.Job) bool { return job.Name == run.Run }) {
			continue
		}
		var job batchv1.Job
		err := r.Reader.Get(ctx, types.NamespacedName{Namespace: seen.schedule.Namespace, Name: run.Run}, &job)
		switch {
		case err == nil && isOurs(seen.schedule, &job):
			seen.jobs = append(seen.jobs, job)
		case err == nil || apierrors.IsNotFound(err):
			seen.vanished = append(seen.vanished, run)
		default:
			return fmt.Errorf("read the Job %s: %w", run.Run, err)
		}
	}
	slices.SortFunc(seen.jobs, compareEnds)
	return nil
}

func (r *Reconciler) readPods(ctx context.Context, seen *observation) error {
	var found corev1.PodList
	err := r.Client.List(ctx, &found, client.InNamespace(seen.schedule.Namespace), ofSchedule(seen.schedule))
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	for _, pod := range found.Items {
		if owner := metav1.GetControllerOf(&pod); owner != nil {
			seen.addPod(owner.UID, pod)
		}
	}
	return nil
}

// addPod tells the pods that lead a run from those that help.
func (o *observation) addPod(job types.UID, pod corev1.Pod) {
	if cronjob.Helps(&pod) {
		o.helpers[job] = append(o.helpers[job], pod)
		return
	}
	o.pods[job] = append(o.pods[job], pod)
}

// ofSchedule finds what has the schedule's label through the cache's index.
func ofSchedule(ms *v1alpha1.MaintenanceSchedule) client.MatchingFields {
	return client.MatchingFields{scheduleIndex: ms.Name}
}

// isOurs tells whether a Job belongs to the schedule: made by its CronJob, also by one that was deleted since, or by
// run-now. A label alone proves nothing. What a former schedule of that name left behind is older than the schedule.
func isOurs(ms *v1alpha1.MaintenanceSchedule, job *batchv1.Job) bool {
	owner := metav1.GetControllerOf(job)
	switch {
	case owner == nil:
		return false
	case owner.Kind == v1alpha1.Kind:
		return owner.UID == ms.UID
	case owner.Kind == "CronJob":
		return owner.Name == ms.Name && !job.CreationTimestamp.Before(&ms.CreationTimestamp)
	}
	return false
}

// ownsCronJob tells whether the CronJob is the schedule's, or was, and nobody else controls it now.
func ownsCronJob(ms *v1alpha1.MaintenanceSchedule, found *batchv1.CronJob) bool {
	return metav1.IsControlledBy(found, ms) || isOrphan(ms, found)
}

// isOrphan tells whether a CronJob has our labels and no controller but, at most, a former schedule of this name: so a
// restore of the cluster, or a deletion that orphans, leaves it, and it fires on.
func isOrphan(ms *v1alpha1.MaintenanceSchedule, found *batchv1.CronJob) bool {
	if found.Labels[v1alpha1.LabelManagedBy] != v1alpha1.ManagedBy || found.Labels[v1alpha1.LabelSchedule] != ms.Name {
		return false
	}
	owner := metav1.GetControllerOf(found)
	return owner == nil || owner.Kind == v1alpha1.Kind && owner.APIVersion == v1alpha1.GroupVersion.String() &&
		owner.Name == ms.Name
}
