package controller

import (
	"context"
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// While the controller is away, Kubernetes' own controllers go on and clear Jobs away. A healthy schedule stays one,
// though the run that was under way is gone: must fail with Failed, JobDeleted, a failure in a row, and a schedule that
// had stopped itself.
func TestAnAbsenceDoesNotStopAHealthySchedule(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.SuspendAfterFailures = new(int32(1))
	l.create("nightly", spec)
	l.untilReady("nightly")
	first := l.createFromCronJob("nightly", 1)
	l.until("nightly", "has a run under way", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return len(ms.Status.Active) == 1 && ms.Status.Active[0].StartedAt != nil
	})
	l.stopController()

	l.EndPod(t, l.PodOf(t, l.namespace, first), 0, good())
	l.untilEnded(first)
	var last string
	for i := range 4 { // one more than the CronJob keeps
		last = l.createFromCronJob("nightly", 2+i)
		l.EndPod(t, l.PodOf(t, l.namespace, last), 0, good())
		l.untilEnded(last)
		ended := time.Now().Unix()
		clustertest.Eventually(t, "the next second begins, since Kubernetes orders Jobs by whole ones",
			func() (bool, string) {
				now := time.Now()
				return now.Unix() > ended, now.String()
			})
	}
	clustertest.Eventually(t, "the CronJob controller clears Jobs away", func() (bool, string) {
		n := len(l.jobs("nightly"))
		return n == 3, fmt.Sprint(n)
	})

	l.startController(l.controller)
	l.ended("nightly", last)
	ms := l.until("nightly", "knows all that is left", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return len(ms.Status.History) == 4 && len(ms.Status.Active) == 0
	})
	outcomes := map[string]int{}
	for _, run := range ms.Status.History {
		outcomes[run.Outcome]++
		if unknown := run.Outcome == v1alpha1.OutcomeUnknown; unknown != (run.Run == first) {
			t.Errorf("%s is %s, %s", run.Run, run.Outcome, run.Reason)
		}
	}
	if outcomes["Succeeded"] != 3 || outcomes[v1alpha1.OutcomeUnknown] != 1 || ms.Status.ConsecutiveFailures != 0 ||
		has(ms, v1alpha1.ConditionStalled) {
		t.Errorf("the history is %v, %d failures in a row, %+v", outcomes, ms.Status.ConsecutiveFailures,
			ms.Status.Conditions)
	}
}

// createFromCronJob makes a Job as the CronJob controller does.
func (l *lab) createFromCronJob(name string, number int) string {
	l.t.Helper()
	owner := l.cronJob(name)
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: fmt.Sprintf("%s-%d", name, number),
			Labels: owner.Spec.JobTemplate.Labels, Annotations: owner.Spec.JobTemplate.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner,
				batchv1.SchemeGroupVersion.WithKind("CronJob"))}},
		Spec: owner.Spec.JobTemplate.Spec,
	}
	if err := l.Client.Create(l.t.Context(), job); err != nil {
		l.t.Fatalf("create a Job: %v", err)
	}
	return job.Name
}

// untilEnded waits until the Job controller says that the Job has ended, or it is gone.
func (l *lab) untilEnded(name string) {
	l.t.Helper()
	clustertest.Eventually(l.t, "the Job "+name+" ends", func() (bool, string) {
		var job batchv1.Job
		err := l.Client.Get(l.t.Context(), client.ObjectKey{Namespace: l.namespace, Name: name}, &job)
		return client.IgnoreNotFound(err) == nil && (err != nil || endOf(&job) != nil), fmt.Sprint(err, job.Status)
	})
}

// A watch may be late by any time: what the cache does not show of a pod is asked for at the API server before the
// result is given up. Must fail with PodGone.
func TestAPodThatTheCacheDoesNotShowIsAskedFor(t *testing.T) {
	c := &stoppedClock{}
	l := newUnwatchedLab(t, c.read)
	l.create("nightly", nightly())
	r := &Reconciler{Client: podless{uncached{l.Client}}, Reader: l.Client, Events: silent{}, Metrics: NewMetrics(l.Client,
		nil), Settings: settings(), Now: c.read}
	look := func() *v1alpha1.MaintenanceSchedule {
		t.Helper()
		if _, err := r.Reconcile(t.Context(), requestOf(l.namespace, "nightly")); err != nil {
			t.Fatal(err)
		}
		return l.schedule("nightly")
	}
	look()
	job := l.createFromCronJob("nightly", 1)
	pod := l.PodOf(t, l.namespace, job)
	look()
	l.EndPod(t, pod, 0, good())
	l.untilEnded(job)
	c.pass(time.Since(c.read()))
	if ms := look(); ms.Status.LastRun != nil || len(ms.Status.Active) != 1 {
		t.Fatalf("at once: %+v", ms.Status)
	}
	c.pass(podGrace)
	if run := look().Status.LastRun; run == nil || run.Outcome != "Succeeded" || run.Reason != "" ||
		run.Counts["filesChecked"] != 182044 {
		t.Errorf("the run is %+v", run)
	}
}

// podless is a cache that shows no pods.
type podless struct{ client.Client }

func (p podless) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	if _, ok := list.(*corev1.PodList); ok {
		return nil
	}
	return p.Client.List(ctx, list, options...)
}
