package controller

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// The kubelet's part, its waiting state and its words, is played; what it says here is what a kubelet of this release
// says.
func TestARunThatWaitsForAMissingSecretSaysSoUntilItAppears(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	l.BlockPod(t, pod, "CreateContainerConfigError", `secret "ucorefs-mongodb" not found`)
	c := l.untilCondition("nightly", v1alpha1.ConditionRunBlocked, metav1.ConditionTrue, v1alpha1.ReasonSecretMissing)
	says(t, "the condition", c.Message, "the key uri of the Secret ucorefs-mongodb", l.namespace, "create it")
	l.until("nightly", "says it in status.message",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.Message == c.Message })
	l.untilEvent("nightly", v1alpha1.EventRunBlocked, "ucorefs-mongodb")

	l.createSecret()
	l.EndPod(t, pod, 0, good()) // the kubelet tries again by itself
	l.ended("nightly", job)
	l.until("nightly", "is not blocked any more", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return !has(ms, v1alpha1.ConditionRunBlocked) && ms.Status.Message == "all references are good"
	})
}

// The admission of pods refuses what has no service account: Kubernetes makes no pod at all, and says so only in the
// Job's Events.
func TestAJobThatMayNotMakePodsIsNamed(t *testing.T) {
	l := newLab(t)
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: serviceAccount}}
	if err := l.Client.Delete(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	l.create("nightly", nightly())
	l.untilReady("nightly")
	l.runNow("nightly", "1")
	c := l.untilCondition("nightly", v1alpha1.ConditionRunBlocked, metav1.ConditionTrue, v1alpha1.ReasonPodsForbidden)
	says(t, "the condition", c.Message, "has no pod", "kubectl describe job")
}

func has(ms *v1alpha1.MaintenanceSchedule, kind string) bool {
	for _, c := range ms.Status.Conditions {
		if c.Type == kind {
			return true
		}
	}
	return false
}

func TestObstaclesOfPods(t *testing.T) {
	unschedulable := corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
		{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
			Message: `persistentvolumeclaim "photos" not found`}}}
	waits := func(reason string) corev1.PodStatus {
		return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{
			{Image: "maint-job:test", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason,
				Message: "its words"}}}}}
	}
	tests := map[string]struct {
		status corev1.PodStatus
		reason string // empty: no obstacle
	}{
		"a pod that no node takes":         {unschedulable, v1alpha1.ReasonUnschedulable},
		"an image that cannot be pulled":   {waits("ImagePullBackOff"), v1alpha1.ReasonImageMissing},
		"an image that may not be pulled":  {waits("ErrImageNeverPull"), v1alpha1.ReasonImageMissing},
		"a container that cannot be made":  {waits("CreateContainerError"), v1alpha1.ReasonCannotStart},
		"a wrong setting, not of a Secret": {waits("CreateContainerConfigError"), v1alpha1.ReasonCannotStart},
		"a container on its way":           {waits("ContainerCreating"), ""},
		"a pod that a queue holds": {corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "SchedulingGated"}}}, v1alpha1.ReasonHeld},
		"an init container without its image": {corev1.PodStatus{Phase: corev1.PodPending,
			InitContainerStatuses: waits("ErrImagePull").ContainerStatuses,
			ContainerStatuses:     waits("PodInitializing").ContainerStatuses}, v1alpha1.ReasonImageMissing},
		"a pod that runs": {corev1.PodStatus{Phase: corev1.PodRunning}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			reason := ""
			if found := obstacleOf(&corev1.Pod{Status: test.status}); found != nil {
				reason = found.reason
			}
			if reason != test.reason {
				t.Errorf("the reason is %q, want %q", reason, test.reason)
			}
		})
	}
}

// With several Jobs the controller looks again when the first of them may be judged. Seen to fail when a later Job that
// has pods took the time away.
func TestPodlessJobsAreLookedAtAgainInTime(t *testing.T) {
	running, young := endedJob("", ""), endedJob("", "")
	running.Status.Conditions, young.Status.Conditions = nil, nil
	running.Name, running.UID, running.Status.Active = "b", "2", 1
	young.Name, young.CreationTimestamp = "a", metav1.NewTime(noon.Add(-5*time.Second))
	seen := observation{now: noon}
	seen.jobs = append(seen.jobs, *young, *running)
	found, again := seen.startObstacle()
	if want := noon.Add(podlessLimit - 5*time.Second); found != nil || !again.Equal(want) {
		t.Errorf("got %+v and %s, want nothing yet and %s", found, again, want)
	}
}

// secretURI is a connection string that must turn up nowhere but in its Secret.
const secretURI = "mongodb://maintenance:s3cr3t-pa55word@db.example.com/ucorefs"

func (l *lab) createSecret() {
	l.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "ucorefs-mongodb"},
		StringData: map[string]string{"uri": secretURI}}
	if err := l.Client.Create(l.t.Context(), secret); err != nil {
		l.t.Fatal(err)
	}
}
