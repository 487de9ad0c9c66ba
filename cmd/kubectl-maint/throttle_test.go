package main

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func TestTheThrottleIsChanged(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("throttle", "nightly").want(t, 64, "write one of Low, Normal, Off, inherit")
	l.maint("throttle", "nightly", "fast").want(t, 64, "write one of Low, Normal, Off, inherit")
	l.maint("throttle").want(t, 64, "which schedule?")
	l.maint("throttle", "weekly", "Off").want(t, 1, "weekly")
	l.maint("run", "nightly").want(t, 0)
	pod := l.podOfRun("nightly")
	for _, step := range []struct{ word, says, annotation, told string }{
		{"off", "has the throttle Off", "Off", "Off"},
		{"Normal", "has the throttle Normal", "Normal", "Normal"},
		{"inherit", "has the throttle of its spec again", "", "Low"},
	} {
		l.maint("throttle", "nightly", step.word).want(t, 0, step.says)
		if got := l.schedule("nightly").Annotations[v1alpha1.AnnotationThrottle]; got != step.annotation {
			t.Errorf("after %s the annotation is %q", step.word, got)
		}
		clustertest.Eventually(t, "the pod is told "+step.told, func() (bool, string) {
			var now corev1.Pod
			err := l.Client.Get(t.Context(), client.ObjectKeyFromObject(pod), &now)
			told := now.Annotations[v1alpha1.AnnotationThrottle]
			return told == step.told, told + errorText(err)
		})
	}
}
