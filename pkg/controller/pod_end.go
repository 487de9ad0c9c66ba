package controller

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// isTakenAway tells whether the cluster ended a pod, and not the run itself, which then would have left its result.
func isTakenAway(pod *corev1.Pod) bool {
	state := terminated(pod)
	return (state == nil || state.Message == "") && takenBy(pod).reason != ""
}

// takenBy is who or what took the pod away, and why, as Kubernetes says; empty: nobody did.
func takenBy(pod *corev1.Pod) obstacle {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue {
			return obstacle{cmp.Or(c.Reason, "DisruptionTarget"), cmp.Or(pod.Status.Message, c.Message)}
		}
	}
	if slices.Contains([]string{"Evicted", "Preempting", "NodeLost", "NodeShutdown", "Terminated",
		"UnexpectedAdmissionError", "NodeAffinity"}, pod.Status.Reason) {
		return obstacle{pod.Status.Reason, pod.Status.Message}
	}
	return obstacle{}
}

// failedInit is the init container that failed, or nil.
func failedInit(pod *corev1.Pod) *corev1.ContainerStatus {
	for i, c := range pod.Status.InitContainerStatuses {
		if c.State.Terminated != nil && c.State.Terminated.ExitCode != 0 && terminated(pod) == nil {
			return &pod.Status.InitContainerStatuses[i]
		}
	}
	return nil
}

// isNotStarted tells whether a container ended without having run: its message then is the container runtime's, not the
// run's.
func isNotStarted(state *corev1.ContainerStateTerminated) bool {
	return slices.Contains([]string{"StartError", "ContainerCannotRun", "CreateContainerError",
		"ContainerStatusUnknown"}, state.Reason)
}
