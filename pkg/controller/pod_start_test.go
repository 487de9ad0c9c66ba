package controller

import (
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// The kubelet's words about a volume stand in Events alone. Must fail where nothing read them: the run seemed to be on
// its way for ever.
func TestAVolumeThatCannotBeMountedIsNamed(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	_, pod := l.started("nightly", "1")
	l.warn(pod, "FailedAttachVolume", `Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) uexplorer-0`)
	l.HoldPod(t, pod, 2*time.Minute)
	c := l.untilCondition("nightly", v1alpha1.ConditionRunBlocked, metav1.ConditionTrue, v1alpha1.ReasonNotMounted)
	says(t, "the condition", c.Message, "Multi-Attach error", "uexplorer-0", "kubectl describe pod")
	l.until("nightly", "says it in status.message",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.Message == c.Message })
}

// The Job controller's own words say which rule forbids the pod: here a LimitRange.
func TestALimitRangeThatForbidsPodsIsNamed(t *testing.T) {
	l := newLab(t)
	limit := &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "small"},
		Spec: corev1.LimitRangeSpec{
			Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypeContainer, Max: settings().Resources.Limits.DeepCopy()}}}}
	memory := limit.Spec.Limits[0].Max["memory"]
	memory.Set(memory.Value() / 8)
	limit.Spec.Limits[0].Max["memory"] = memory
	if err := l.Client.Create(t.Context(), limit); err != nil {
		t.Fatal(err)
	}
	l.create("nightly", nightly())
	l.untilReady("nightly")
	l.runNow("nightly", "1")
	c := l.untilCondition("nightly", v1alpha1.ConditionRunBlocked, metav1.ConditionTrue, v1alpha1.ReasonPodsForbidden)
	says(t, "the condition", c.Message, "maximum memory usage per Container is 64Mi", "kubectl describe job")
}

// warn records a Warning about a pod as the kubelet does, in the older kind of Event.
func (l *lab) warn(pod *corev1.Pod, reason, text string) {
	l.t.Helper()
	e := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, GenerateName: pod.Name + "."},
		Type: corev1.EventTypeWarning, Reason: reason, Message: text,
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: l.namespace, Name: pod.Name, UID: pod.UID},
		LastTimestamp:  metav1.Now(), Count: 1}
	if err := l.Client.Create(l.t.Context(), e); err != nil {
		l.t.Fatal(err)
	}
}

// A pod whose node is silent stays as it was: running, and not ready although its container is.
func TestARunOnALostNodeSaysSo(t *testing.T) {
	running := func(age time.Duration, containers bool) corev1.Pod {
		return corev1.Pod{Spec: corev1.PodSpec{NodeName: "nas"}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse,
				LastTransitionTime: metav1.NewTime(noon.Add(-age))}},
			ContainerStatuses: []corev1.ContainerStatus{{Ready: containers}}}}
	}
	deleted := running(0, false)
	deleted.DeletionTimestamp = new(metav1.NewTime(noon.Add(-2 * time.Minute)))
	for name, c := range map[string]struct {
		pod  corev1.Pod
		lost bool
	}{
		"for two minutes":                 {running(2*time.Minute, true), true},
		"a moment ago":                    {running(time.Second, true), false},
		"its container is not ready yet":  {running(2*time.Minute, false), false},
		"its deletion is not carried out": {deleted, true},
	} {
		t.Run(name, func(t *testing.T) {
			job := endedJob("", "")
			job.Status.Conditions, job.Status.Active = nil, 1
			seen := observation{now: noon, jobs: []batchv1.Job{*job}, pods: map[types.UID][]corev1.Pod{job.UID: {c.pod}}}
			found, _ := seen.startObstacle()
			if (found != nil) != c.lost {
				t.Fatalf("it is %+v", found)
			}
			if c.lost {
				says(t, "the obstacle", found.message, "nas", "does not go on")
			}
		})
	}
}

// What ended a run that could not say so itself is in its result, in the words of who did it.
func TestTheEndOfARunThatNeverSpokeIsExplained(t *testing.T) {
	ended := func(c corev1.ContainerStateTerminated) corev1.Pod {
		pod := endedPod(c.Message, c.ExitCode)
		pod.Status.ContainerStatuses[0].State.Terminated = &c
		return pod
	}
	evicted := endedPod("", 137)
	evicted.Status.Reason, evicted.Status.Message = "Evicted", "The node was low on resource: memory."
	drained := endedPod("", 137)
	drained.Status.Conditions = []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue,
		Reason: "DeletionByTaintManager", Message: "Taint manager: deleting due to NoExecute taint"}}
	init := corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodFailed,
		InitContainerStatuses: []corev1.ContainerStatus{{Name: "linkerd-init",
			State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error",
				Message: "iptables: no such table"}}}}}}
	for name, c := range map[string]struct {
		pod    corev1.Pod
		reason string
		says   string
	}{
		"runc's words": {ended(corev1.ContainerStateTerminated{ExitCode: 128, Reason: "StartError",
			Message: `exec: "/maint-job": no such file or directory`}), v1alpha1.RunReasonCannotStart,
			"no such file or directory"},
		"evicted":                  {evicted, v1alpha1.RunReasonEvicted, "low on resource"},
		"drained":                  {drained, v1alpha1.RunReasonEvicted, "NoExecute"},
		"an init container failed": {init, v1alpha1.RunReasonInitFailed, "no such table"},
	} {
		t.Run(name, func(t *testing.T) {
			job := endedJob(batchv1.JobFailed, "BackoffLimitExceeded")
			seen := observation{now: noon, pods: map[types.UID][]corev1.Pod{job.UID: {c.pod}}}
			result, ok := seen.resultOf(job)
			if !ok || result.Outcome != "Failed" || result.Reason != c.reason {
				t.Errorf("the result is %s/%s, %v", result.Outcome, result.Reason, ok)
			}
			says(t, "it", result.Message, c.says)
		})
	}
}

// Whatever a pod says of itself, the status has one line without control characters and a duration that can be.
func TestNothingThatAPodSaysReachesATerminalAsACommand(t *testing.T) {
	for seconds, want := range map[string]string{"-5": "60s", "1e300": "60s", "12.44": "12.4s", "0": "60s"} {
		text := fmt.Sprintf(`{"schemaVersion":1,"outcome":"Partial","message":"a\u001b[2Jb\nc","warnings":["\u202ex"],"sample":["\u0007"],"durationSeconds":%s}`, seconds)
		job := endedJob(batchv1.JobFailed, "")
		job.Status.StartTime = new(metav1.NewTime(noon.Add(-time.Minute)))
		seen := observation{now: noon, pods: map[types.UID][]corev1.Pod{job.UID: {endedPod(text, 3)}}}
		result, _ := seen.resultOf(job)
		if took, err := time.ParseDuration(want); err != nil || result.Duration != took.String() {
			t.Errorf("%s seconds became %s", seconds, result.Duration)
		}
		if got := result.Message + result.Warnings[0] + result.Sample[0]; got != `a\x1b[2Jb c\u202ex\x07` {
			t.Errorf("the texts are %q", got)
		}
		job.Status.StartTime = new(metav1.NewTime(noon.Add(time.Hour))) // another clock
		if result, _ := seen.resultOf(job); seconds != "12.44" && result.Duration != "0s" {
			t.Errorf("a run that started after its end took %s", result.Duration)
		}
	}
}
