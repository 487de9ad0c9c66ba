package controller

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// readLatePods asks the API server itself for the pods of runs that ended, where the cache does not show how, before
// their results are given up: a watch may be late by any time.
func (r *Reconciler) readLatePods(ctx context.Context, seen *observation) error {
	for _, job := range seen.unrecorded() {
		if !seen.isLate(job) || seen.isWhole(job) {
			continue
		}
		pods, err := r.podsOf(ctx, job.Namespace, job.Name)
		if err != nil {
			return err
		}
		delete(seen.pods, job.UID)
		delete(seen.helpers, job.UID)
		for _, pod := range pods {
			seen.addPod(job.UID, pod)
		}
	}
	for _, run := range seen.vanished {
		pods, err := r.podsOf(ctx, seen.schedule.Namespace, run.Run)
		if err != nil {
			return err
		}
		seen.left = append(seen.left, pods...)
	}
	return nil
}

func (r *Reconciler) podsOf(ctx context.Context, namespace, job string) ([]corev1.Pod, error) {
	var found corev1.PodList
	ofJob := client.MatchingLabels{batchv1.JobNameLabel: job}
	if err := r.Reader.List(ctx, &found, client.InNamespace(namespace), ofJob); err != nil {
		return nil, fmt.Errorf("list the pods of the Job %s: %w", job, err)
	}
	return found.Items, nil
}

// isLate tells whether a Job ended so long ago, by either clock, that the cache should show how its pods ended.
func (o observation) isLate(job *batchv1.Job) bool {
	return o.now.Sub(endOf(job).LastTransitionTime.Time).Abs() >= podGrace
}

// isWhole tells whether the pods are all that the Job speaks of. The one that ended last may be missing while an
// earlier attempt is there, whose result is not the run's.
func (o observation) isWhole(job *batchv1.Job) bool {
	good, bad := endedOf(o.pods[job.UID])
	if endOf(job).Type == batchv1.JobComplete {
		return good > 0
	}
	goodHelpers, badHelpers := endedOf(o.helpers[job.UID])
	return good+bad > 0 && good+bad+goodHelpers+badHelpers >= job.Status.Failed+job.Status.Succeeded
}

// endedOf are how many of the pods have ended, well or not.
func endedOf(pods []corev1.Pod) (good, bad int32) {
	for i := range pods {
		switch pods[i].Status.Phase {
		case corev1.PodSucceeded:
			good++
		case corev1.PodFailed:
			bad++
		}
	}
	return good, bad
}
