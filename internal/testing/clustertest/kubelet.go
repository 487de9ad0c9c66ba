package clustertest

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// maxTermination is where a kubelet cuts a termination message, in bytes.
const maxTermination = 4096

// PodOf waits for a pod of the Job that has not ended.
func (c *Cluster) PodOf(t testing.TB, namespace, job string) *corev1.Pod {
	t.Helper()
	var found *corev1.Pod
	Eventually(t, "the Job "+job+" makes a pod", func() (bool, string) {
		var pods corev1.PodList
		ofJob := client.MatchingLabels{"batch.kubernetes.io/job-name": job}
		err := c.Client.List(t.Context(), &pods, client.InNamespace(namespace), ofJob)
		for i, pod := range pods.Items {
			if pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodPending {
				found = &pods.Items[i]
			}
		}
		return found != nil, fmt.Sprintf("%d pods, error %v", len(pods.Items), err)
	})
	return found
}

// EndPod plays the kubelet of a pod whose container ended with that exit code, having written that message.
func (c *Cluster) EndPod(t testing.TB, pod *corev1.Pod, exitCode int32, message string) {
	t.Helper()
	reason, phase := "Completed", corev1.PodSucceeded
	if exitCode != 0 {
		reason, phase = "Error", corev1.PodFailed
	}
	c.endPod(t, pod, phase, corev1.ContainerStateTerminated{
		ExitCode: exitCode, Reason: reason, Message: message[:min(len(message), maxTermination)]})
}

// KillPod plays the kubelet of a pod whose container was killed for that reason, such as OOMKilled, without a message.
func (c *Cluster) KillPod(t testing.TB, pod *corev1.Pod, reason string) {
	t.Helper()
	c.endPod(t, pod, corev1.PodFailed, corev1.ContainerStateTerminated{ExitCode: 137, Signal: 9, Reason: reason})
}

func (c *Cluster) endPod(t testing.TB, pod *corev1.Pod, phase corev1.PodPhase, state corev1.ContainerStateTerminated) {
	t.Helper()
	state.StartedAt, state.FinishedAt = metav1.NewTime(pod.CreationTimestamp.Time), metav1.NewTime(time.Now())
	c.patchPod(t, pod, func(status *corev1.PodStatus) {
		status.Phase = phase
		status.ContainerStatuses = containerStatuses(pod, corev1.ContainerState{Terminated: &state})
	})
}

// RunPod plays the kubelet of a pod whose container runs, and that has that address.
func (c *Cluster) RunPod(t testing.TB, pod *corev1.Pod, ip string) {
	t.Helper()
	c.patchPod(t, pod, func(status *corev1.PodStatus) {
		status.Phase, status.PodIP, status.PodIPs = corev1.PodRunning, ip, []corev1.PodIP{{IP: ip}}
		running := &corev1.ContainerStateRunning{StartedAt: metav1.Now()}
		status.ContainerStatuses = containerStatuses(pod, corev1.ContainerState{Running: running})
	})
}

// BlockPod plays the kubelet of a pod whose container waits, such as for a Secret (CreateContainerConfigError).
func (c *Cluster) BlockPod(t testing.TB, pod *corev1.Pod, reason, message string) {
	t.Helper()
	c.patchPod(t, pod, func(status *corev1.PodStatus) {
		status.ContainerStatuses = containerStatuses(pod, corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}})
	})
}

// HoldPod plays the kubelet of a pod that has had a node for so long and whose volumes are not mounted.
func (c *Cluster) HoldPod(t testing.TB, pod *corev1.Pod, long time.Duration) {
	t.Helper()
	c.patchPod(t, pod, func(status *corev1.PodStatus) {
		status.Conditions = []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(time.Now().Add(-long)),
		}}
		waiting := &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		status.ContainerStatuses = containerStatuses(pod, corev1.ContainerState{Waiting: waiting})
	})
}

func (c *Cluster) patchPod(t testing.TB, pod *corev1.Pod, change func(*corev1.PodStatus)) {
	t.Helper()
	before := pod.DeepCopy()
	change(&pod.Status)
	if err := c.Client.Status().Patch(t.Context(), pod, client.MergeFrom(before)); err != nil {
		t.Fatalf("write the status of the pod %s: %v", pod.Name, err)
	}
}

func containerStatuses(pod *corev1.Pod, state corev1.ContainerState) []corev1.ContainerStatus {
	container := pod.Spec.Containers[0]
	return []corev1.ContainerStatus{{Name: container.Name, Image: container.Image, State: state}}
}
