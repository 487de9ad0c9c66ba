package controller

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// podlessLimit is how long a Job may be without any pod before something seems to forbid it.
const podlessLimit = 20 * time.Second

// obstacle is why a pod cannot start.
type obstacle struct{ reason, message string }

// startObstacle is what keeps a run that is under way from starting, or nil. The time is when to look again, if any.
func (o observation) startObstacle() (*obstacle, time.Time) {
	var again time.Time
	for i := range o.jobs {
		job := &o.jobs[i]
		if endOf(job) != nil {
			continue
		}
		for _, pod := range o.pods[job.UID] {
			if found := obstacleOf(&pod); found != nil {
				found.message = fmt.Sprintf("the run %s cannot start: %s", job.Name, found.message)
				return found, time.Time{}
			}
		}
		found, limit := o.podless(job)
		if found != nil {
			return found, time.Time{}
		}
		if again.IsZero() || !limit.IsZero() && limit.Before(again) {
			again = limit
		}
	}
	return nil, again
}

// podless judges a Job that never had a pod: only its own Events say why.
func (o observation) podless(job *batchv1.Job) (*obstacle, time.Time) {
	if len(o.pods[job.UID]) > 0 || job.Status.Active > 0 || job.Status.Failed > 0 || job.Status.Succeeded > 0 {
		return nil, time.Time{}
	}
	if limit := job.CreationTimestamp.Add(podlessLimit); limit.After(o.now) {
		return nil, limit
	}
	return &obstacle{v1alpha1.ReasonPodsForbidden, fmt.Sprintf(
		"the run %s has no pod: the limit of concurrent runs, another quota, Pod Security or a missing service account forbids it; see `kubectl describe job %s`", job.Name, job.Name)}, time.Time{}
}

func obstacleOf(pod *corev1.Pod) *obstacle {
	if pod.Status.Phase != corev1.PodPending || pod.DeletionTimestamp != nil {
		return nil
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
			return &obstacle{v1alpha1.ReasonUnschedulable, "no node takes its pod: " + c.Message}
		}
	}
	for _, c := range pod.Status.ContainerStatuses {
		if c.State.Waiting != nil {
			return obstacleOfContainer(pod, c.Image, c.State.Waiting)
		}
	}
	return nil
}

// obstacleOfContainer branches on the kubelet's reasons, and on its words only to tell a Secret from the rest of what it calls
// a configuration error.
func obstacleOfContainer(pod *corev1.Pod, image string, waiting *corev1.ContainerStateWaiting) *obstacle {
	switch waiting.Reason {
	case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable":
		return &obstacle{v1alpha1.ReasonImageMissing, fmt.Sprintf("the image %s cannot be had (%s): %s", image, waiting.Reason, waiting.Message)}
	case "CreateContainerConfigError":
		if name, key := secretOf(pod); name != "" && strings.Contains(strings.ToLower(waiting.Message), "secret") {
			return &obstacle{v1alpha1.ReasonSecretMissing, fmt.Sprintf(
				"it needs the key %s of the Secret %s in the namespace %s (%s): create it, or name another in spec.database", key, name, pod.Namespace, waiting.Message)}
		}
		return &obstacle{v1alpha1.ReasonCannotStart, waiting.Reason + ": " + waiting.Message}
	case "CreateContainerError", "RunContainerError", "StartError":
		return &obstacle{v1alpha1.ReasonCannotStart, waiting.Reason + ": " + waiting.Message}
	}
	return nil // ContainerCreating and the like: on its way
}

// secretOf is the Secret, and its key, that the pod takes the connection string from.
func secretOf(pod *corev1.Pod) (name, key string) {
	for _, c := range pod.Spec.Containers {
		for _, env := range c.Env {
			if from := env.ValueFrom; from != nil && from.SecretKeyRef != nil {
				return from.SecretKeyRef.Name, from.SecretKeyRef.Key
			}
		}
	}
	return "", ""
}
