package controller

import (
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
)

// good is the termination message of a run that went well.
func good() string {
	return string(report.Result{SchemaVersion: report.SchemaVersion, Task: "verify-references", Outcome: report.Succeeded,
		Message: "all references are good", DurationSeconds: 12.4, Counts: map[string]int64{"filesChecked": 182044,
			"brokenTagRefs": 3}}.Termination())
}

// Each new value makes exactly one Job, whatever else makes the controller look again. Seen to fail when status did not
// echo the value.
func TestRunNowRunsOncePerNewValueAndStatusEchoesIt(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	for _, value := range []string{"first", "second"} {
		job, pod := l.started("nightly", value)
		ms := l.until("nightly", "echoes "+value,
			func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.RunNow == value })
		if len(ms.Status.Active) != 1 || ms.Status.Active[0].Run != job ||
			ms.Status.Active[0].Trigger != v1alpha1.TriggerManual {
			t.Errorf("%s: active is %+v, want the run %s", value, ms.Status.Active, job)
		}
		l.EndPod(t, pod, 0, good())
		ms = l.ended("nightly", job)
		if ms.Status.LastRun.Trigger != v1alpha1.TriggerManual || len(ms.Status.Active) != 0 {
			t.Errorf("%s: the run was %s, active %+v", value, ms.Status.LastRun.Trigger, ms.Status.Active)
		}
	}
	l.reconcileOnce("nightly")
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Annotations["example.com/note"] = "touched" })
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend = true })
	l.untilCondition("nightly", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	if jobs := l.jobs("nightly"); len(jobs) != 2 {
		t.Errorf("two values made %d Jobs", len(jobs))
	}
}

func TestRunNowWaitsForTheRunThatIsUnderWay(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	first, pod := l.started("nightly", "first")
	l.runNow("nightly", "second")
	l.until("nightly", "waits", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.Message == "run-now waits until the run "+first+" has ended"
	})
	if jobs := l.jobs("nightly"); len(jobs) != 1 || l.schedule("nightly").Status.RunNow != "first" {
		t.Fatalf("%d Jobs run at once, status.runNow is %q", len(jobs), l.schedule("nightly").Status.RunNow)
	}
	l.EndPod(t, pod, 0, good())
	second := cronjob.ManualJobName(l.schedule("nightly"), "second", 0)
	l.PodOf(t, l.namespace, second)
	l.until("nightly", "echoes the second",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.RunNow == "second" })
}

func TestRunNowWorksWhileSuspended(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Suspend = true
	ms := l.create("nightly", spec)
	l.runNow("nightly", "1")
	l.PodOf(t, l.namespace, cronjob.ManualJobName(ms, "1", 0))
}

func TestRunNowOfAStalledScheduleRunsOnceItIsHealed(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Schedule = "0 0 31 2 *"
	ms := l.create("nightly", spec)
	l.runNow("nightly", "1")
	l.untilCondition("nightly", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSchedule)
	if jobs := l.jobs("nightly"); len(jobs) != 0 {
		t.Fatalf("a stalled schedule made %d Jobs", len(jobs))
	}
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec = nightly() })
	l.PodOf(t, l.namespace, cronjob.ManualJobName(ms, "1", 0))
}

// Somebody else's Job of the very name is left alone, and said; the rest of the status goes on. Must fail when a Job
// that was not made kept the times as they were.
func TestRunNowNeverTakesSomebodyElsesJob(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	ms := l.untilReady("nightly")
	foreign := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: cronjob.ManualJobName(ms, "1", 0)}}
	foreign.Spec.Template = l.cronJob("nightly").Spec.JobTemplate.Spec.Template
	foreign.Spec.Suspend = new(true)
	if err := l.Client.Create(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	l.runNow("nightly", "1")
	c := l.untilCondition("nightly", v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRunNotMade)
	says(t, "the condition", c.Message, foreign.Name, "give maintenance.ucorefs.io/run-now another value")
	if l.schedule("nightly").Status.RunNow != "" {
		t.Error("status says that the value was acted on")
	}
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "0 4 1 1 *" })
	l.until("nightly", "shows the new schedule all the same",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.Schedule == "0 4 1 1 *" })
	if order := l.schedule("nightly").Status.LastOrder; order.State != v1alpha1.OrderWaiting || order.Run != "" {
		t.Errorf("the order is %+v", order)
	}
}

// Run-now can be told to plan only, or to act, whatever the schedule says; a word that is neither starts nothing.
func TestRunNowOverridesTheDryRun(t *testing.T) {
	l := newLab(t)
	for name, c := range map[string]struct {
		spec     bool
		override string
		dry      bool
	}{
		"plans":     {false, "true", true},
		"acts":      {true, "false", false},
		"as-always": {true, "", true},
	} {
		spec := nightly()
		spec.DryRun = c.spec
		l.create(name, spec)
		l.untilReady(name)
		l.change(name, func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: "1"}
			if c.override != "" {
				ms.Annotations[v1alpha1.AnnotationRunNowDryRun] = c.override
			}
		})
		pod := l.PodOf(t, l.namespace, cronjob.ManualJobName(l.schedule(name), "1", 0))
		if dry := slices.Contains(pod.Spec.Containers[0].Args, "--dry-run=true"); dry != c.dry {
			t.Errorf("%s: the arguments are %v", name, pod.Spec.Containers[0].Args)
		}
	}
	l.create("unclear", nightly())
	l.untilReady("unclear")
	l.change("unclear", func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: "1", v1alpha1.AnnotationRunNowDryRun: "yes"}
	})
	ms := l.until("unclear", "says what is wrong",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.Message != "" })
	says(t, "the status", ms.Status.Message, `is "yes"`, `write "true" or "false"`)
	if jobs := l.jobs("unclear"); len(jobs) > 0 || ms.Status.RunNow != "" {
		t.Errorf("%d Jobs, and the status echoes %q", len(jobs), ms.Status.RunNow)
	}
	l.change("unclear", func(ms *v1alpha1.MaintenanceSchedule) { ms.Annotations[v1alpha1.AnnotationRunNowDryRun] = "true" })
	l.PodOf(t, l.namespace, cronjob.ManualJobName(ms, "1", 0))
}
