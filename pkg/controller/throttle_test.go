package controller

import (
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// untilTold waits until the pod was told a throttle.
func (l *lab) untilTold(pod *corev1.Pod, want v1alpha1.Throttle) {
	l.t.Helper()
	clustertest.Eventually(l.t, "the pod is told "+string(want), func() (bool, string) {
		var now corev1.Pod
		if err := l.Client.Get(l.t.Context(), client.ObjectKeyFromObject(pod), &now); err != nil {
			return false, err.Error()
		}
		told := now.Annotations[v1alpha1.AnnotationThrottle]
		return told == string(want), "it was told " + told
	})
}

// setThrottle sets the annotation of a schedule, or removes it.
func (l *lab) setThrottle(name, value string) {
	l.t.Helper()
	l.change(name, func(ms *v1alpha1.MaintenanceSchedule) {
		delete(ms.Annotations, v1alpha1.AnnotationThrottle)
		if value != "" {
			metav1.SetMetaDataAnnotation(&ms.ObjectMeta, v1alpha1.AnnotationThrottle, value)
		}
	})
}

// Seen to fail when a change applied to the next run only.
func TestAChangeOfTheThrottleReachesTheRunUnderWay(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	l.RunPod(t, pod, nobody)
	for _, step := range []struct {
		annotation string
		spec       v1alpha1.Throttle
		want       v1alpha1.Throttle
	}{
		{"Off", "", v1alpha1.ThrottleOff},
		{"Off", v1alpha1.ThrottleNormal, v1alpha1.ThrottleOff},
		{"", v1alpha1.ThrottleNormal, v1alpha1.ThrottleNormal},
		{"", "", v1alpha1.ThrottleLow}, // as the priority says
		{"normal", "", v1alpha1.ThrottleNormal},
	} {
		l.setThrottle("nightly", step.annotation)
		l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Throttle = step.spec })
		l.untilTold(pod, step.want)
	}
	l.setThrottle("nightly", "fast")
	l.until("nightly", "says what to write", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.Message == `the annotation `+v1alpha1.AnnotationThrottle+
			`: "fast" is no throttle, and spec.throttle applies: write Off, Low or Normal, or remove it`
	})
	l.untilTold(pod, v1alpha1.ThrottleLow)
	l.EndPod(t, pod, 0, good())
	l.ended("nightly", job)
	l.setThrottle("nightly", "Normal")
	l.untilCronJob("nightly", "has the throttle for the next run", func(c *batchv1.CronJob) bool {
		return slices.Contains(c.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args, "--throttle=normal")
	})
	if _, next := l.started("nightly", "2"); next.Annotations[v1alpha1.AnnotationThrottle] != "" {
		t.Errorf("the next pod, which has it from its command line, was told %v", next.Annotations)
	}
	l.untilTold(pod, v1alpha1.ThrottleLow) // it has ended
}
