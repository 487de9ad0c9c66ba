package controller

import (
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
)

// kstatus is what `helm --wait`, Flux and others make of a schedule.
func kstatus(t *testing.T, c *clustertest.Cluster, namespace, name string,
	change func(*unstructured.Unstructured)) status.Status {
	t.Helper()
	ms := &unstructured.Unstructured{}
	ms.SetGroupVersionKind(schema.GroupVersionKind{Group: v1alpha1.GroupVersion.Group,
		Version: v1alpha1.GroupVersion.Version, Kind: v1alpha1.Kind})
	if err := c.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, ms); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(ms)
	}
	result, err := status.Compute(ms)
	if err != nil {
		t.Fatal(err)
	}
	return result.Status
}

// Through each transition kstatus says what a person would: in progress until the controller has seen the spec, failed
// when nothing goes on until somebody changes something, else current; how a run ended is not about the schedule.
func TestKstatusReadsASchedulesStateAsAPersonWould(t *testing.T) {
	l := newLab(t)
	want := func(when string, expected status.Status, change func(*unstructured.Unstructured)) {
		t.Helper()
		if got := kstatus(t, l.Cluster, l.namespace, "nightly", change); got != expected {
			t.Errorf("%s: kstatus says %s, want %s", when, got, expected)
		}
	}
	spec := nightly()
	spec.SuspendAfterFailures = new(int32(1))
	l.create("nightly", spec)
	l.untilReady("nightly")
	want("accepted", status.CurrentStatus, nil)
	want("a spec that was not looked at yet", status.InProgressStatus,
		func(ms *unstructured.Unstructured) { ms.SetGeneration(ms.GetGeneration() + 1) })
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend = true })
	l.untilCondition("nightly", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	want("suspended", status.CurrentStatus, nil)
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend, ms.Spec.Schedule = false, "0 0 31 2 *" })
	l.untilCondition("nightly", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSchedule)
	want("a spec that cannot work", status.FailedStatus, nil)
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = nightly().Schedule })
	l.untilReady("nightly")
	want("mended", status.CurrentStatus, nil)

	job, pod := l.started("nightly", "1")
	want("a run is under way", status.CurrentStatus, nil)
	l.EndPod(t, pod, 4, message(report.Refused, report.ReasonDeletionCapExceeded, "too much"))
	l.ended("nightly", job)
	l.untilCondition("nightly", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonTooManyFailures)
	want("stopped after failures", status.FailedStatus, nil)
	l.runNow("nightly", "2")
	l.EndPod(t, l.PodOf(t, l.namespace, cronjob.ManualJobName(l.schedule("nightly"), "2", 0)), 0, good())
	l.untilReady("nightly")
	want("started again", status.CurrentStatus, nil)
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.SuspendAfterFailures = nil })
	job, pod = l.started("nightly", "3")
	l.EndPod(t, pod, 4, message(report.Refused, report.ReasonDeletionCapExceeded, "too much"))
	l.ended("nightly", job)
	want("the last run failed", status.CurrentStatus, nil)
	want("it is being deleted", status.TerminatingStatus,
		func(ms *unstructured.Unstructured) { ms.SetDeletionTimestamp(new(metav1.Now())) })
}

// What no controller has looked at is in progress, so that whoever waits waits, and says that it does.
func TestKstatusOfAScheduleThatNobodySaw(t *testing.T) {
	l := &lab{Cluster: clustertest.Start(t), t: t}
	l.namespace = l.Namespace(t, nil)
	l.create("nightly", nightly())
	if got := kstatus(t, l.Cluster, l.namespace, "nightly", nil); got != status.InProgressStatus {
		t.Errorf("kstatus says %s", got)
	}
}
