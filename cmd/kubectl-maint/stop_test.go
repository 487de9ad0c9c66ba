package main

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func TestARunThatIsUnderWayIsStopped(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("stop", "nightly").want(t, 1, "no run of nightly is under way")
	l.maint("run", "nightly").want(t, 0)
	run := l.podOfRun("nightly").Labels["batch.kubernetes.io/job-name"]
	l.until("nightly", "is under way", func(ms *v1alpha1.MaintenanceSchedule) bool { return len(ms.Status.Active) == 1 })
	l.maint("stop", "nightly", "--run=nightly-now-000000").want(t, 1, "is not under way; under way: "+run)
	l.maint("stop", "nightly").want(t, 0, "the run "+run+" stops at its next batch")
	clustertest.Eventually(t, "the Job is gone", func() (bool, string) {
		err := l.Client.Get(t.Context(), client.ObjectKey{Namespace: l.namespace, Name: run}, &batchv1.Job{})
		return apierrors.IsNotFound(err), errorText(err)
	})
	l.until("nightly", "has no run", func(ms *v1alpha1.MaintenanceSchedule) bool { return len(ms.Status.Active) == 0 })
}
