package kubectlmaint

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// podState is pure: how far a pod is.
type podState struct {
	ended    bool
	exitCode int
	word     string // what the pod does, or waits for
	// blocked tells whether word is about something that is missing; permanent that waiting cannot help.
	blocked, permanent bool
}

// permanentReasons are what a kubelet says of a container that starts only after somebody changed something.
var permanentReasons = []string{"CreateContainerConfigError", "CreateContainerError", "InvalidImageName",
	"ErrImageNeverPull", "RunContainerError", "StartError"}

// passingReasons are no obstacle.
var passingReasons = []string{"ContainerCreating", "PodInitializing"}

func stateOf(pod *corev1.Pod) podState {
	for _, c := range pod.Status.ContainerStatuses {
		switch {
		case c.State.Terminated != nil:
			return podState{ended: true, exitCode: int(c.State.Terminated.ExitCode)}
		case c.State.Running != nil:
			return podState{word: "the check is under way"}
		case c.State.Waiting != nil && !slices.Contains(passingReasons, c.State.Waiting.Reason):
			reason := c.State.Waiting.Reason
			word := fmt.Sprintf("the pod %s cannot start (%s): %s", pod.Name, reason, c.State.Waiting.Message)
			return podState{word: word, blocked: true, permanent: slices.Contains(permanentReasons, reason)}
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return podState{word: fmt.Sprintf("no node takes the pod %s: %s", pod.Name, c.Message), blocked: true}
		}
	}
	if pod.Status.Phase == corev1.PodFailed {
		word := fmt.Sprintf("the pod %s ended before its container ran (%s): %s",
			pod.Name, pod.Status.Reason, pod.Status.Message)
		return podState{word: word, blocked: true, permanent: true}
	}
	return podState{word: "the check waits for its pod"}
}
