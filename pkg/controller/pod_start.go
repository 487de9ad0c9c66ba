package controller

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// podReasonSchedulingGated is the scheduler's reason of a pod that has scheduling gates.
const podReasonSchedulingGated = "SchedulingGated"

// obstacleOf is what the scheduler and the kubelet say of a pod that does not start; nil where nothing is wrong.
func obstacleOf(pod *corev1.Pod) *obstacle {
	if pod.Status.Phase != corev1.PodPending || pod.DeletionTimestamp != nil {
		return nil
	}
	for _, c := range pod.Status.Conditions {
		switch {
		case c.Type != corev1.PodScheduled || c.Status != corev1.ConditionFalse:
		case c.Reason == corev1.PodReasonUnschedulable:
			return &obstacle{v1alpha1.ReasonUnschedulable, "no node takes its pod: " + c.Message}
		case c.Reason == podReasonSchedulingGated:
			return &obstacle{v1alpha1.ReasonHeld, "its pod waits for the scheduling gates " + gatesOf(pod) +
				", which whoever set them removes, such as a queue"}
		}
	}
	for _, c := range pod.Status.InitContainerStatuses {
		if c.State.Waiting == nil {
			continue
		}
		if found := obstacleOfContainer(pod, c.Image, c.State.Waiting); found != nil {
			found.message = fmt.Sprintf("its init container %s, which another program added: %s", c.Name, found.message)
			return found
		}
	}
	for _, c := range pod.Status.ContainerStatuses {
		if c.State.Waiting != nil {
			return obstacleOfContainer(pod, c.Image, c.State.Waiting)
		}
	}
	return nil
}

func gatesOf(pod *corev1.Pod) string {
	var names []string
	for _, gate := range pod.Spec.SchedulingGates {
		names = append(names, gate.Name)
	}
	return strings.Join(names, ", ")
}

// obstacleOfContainer branches on the kubelet's reasons, and on its words only to tell a Secret from the rest of what
// it calls a configuration error.
func obstacleOfContainer(pod *corev1.Pod, image string, waiting *corev1.ContainerStateWaiting) *obstacle {
	switch waiting.Reason {
	case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError",
		"RegistryUnavailable":
		return &obstacle{v1alpha1.ReasonImageMissing,
			fmt.Sprintf("the image %s cannot be had (%s): %s", image, waiting.Reason, waiting.Message)}
	case "CreateContainerConfigError":
		if name, key := secretOf(pod); name != "" && strings.Contains(strings.ToLower(waiting.Message), "secret") {
			return &obstacle{v1alpha1.ReasonSecretMissing, fmt.Sprintf(
				"it needs the key %s of the Secret %s in the namespace %s (%s): create it, "+
					"or name another in spec.database", key, name, pod.Namespace, waiting.Message)}
		}
		return &obstacle{v1alpha1.ReasonCannotStart, waiting.Reason + ": " + waiting.Message}
	case "CreateContainerError", "RunContainerError", "StartError", "CrashLoopBackOff", "PostStartHookError":
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

// isWaiting tells whether a pod has a node and none of its containers has been made.
func isWaiting(pod *corev1.Pod) bool {
	if pod.Status.Phase != corev1.PodPending || pod.DeletionTimestamp != nil || scheduledAt(pod).IsZero() {
		return false
	}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses,
		pod.Status.ContainerStatuses} {
		for _, c := range statuses {
			if c.State.Running != nil || c.State.Terminated != nil || c.ContainerID != "" {
				return false
			}
		}
	}
	return true
}

// scheduledAt is when the pod got its node, or the zero time.
func scheduledAt(pod *corev1.Pod) time.Time {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionTrue {
			return c.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

// lostLimit is how long a node may be silent, or a pod take to end beyond its grace period, before the run is said to
// be stuck.
const lostLimit = time.Minute

// lostNode judges a pod that was running: that its node is silent shows in its being not ready while its containers
// are, or in a deletion that nobody carries out.
func lostNode(pod *corev1.Pod, now time.Time) *obstacle {
	if pod.Status.Phase != corev1.PodRunning {
		return nil
	}
	if gone := pod.DeletionTimestamp; gone != nil && now.Sub(gone.Time) >= lostLimit {
		return &obstacle{v1alpha1.ReasonNodeLost, fmt.Sprintf("its pod is deleted, "+
			"and the node %s does not carry that out: %s", pod.Spec.NodeName, nodeHint)}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse && areReady(pod) &&
			now.Sub(c.LastTransitionTime.Time) >= lostLimit {
			return &obstacle{v1alpha1.ReasonNodeLost,
				fmt.Sprintf("the node %s of its pod does not answer: %s", pod.Spec.NodeName, nodeHint)}
		}
	}
	return nil
}

const nodeHint = "see `kubectl get nodes`; if the machine is gone for good, delete the Node, and another pod follows"

func areReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.ContainerStatuses {
		if !c.Ready {
			return false
		}
	}
	return len(pod.Status.ContainerStatuses) > 0
}
