package controller

import (
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Kubernetes' own CronJob controller fires the schedule. Cron has minutes, so this takes up to two of them.
func TestTheRealControllerManagerFiresASchedule(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Schedule = "* * * * *"
	l.create("minutely", spec)
	due := l.untilReady("minutely").Status.NextScheduleTime
	if due == nil {
		t.Fatal("no next run")
	}
	ms := l.until("minutely", "has a run under way",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return len(ms.Status.Active) == 1 })
	run := ms.Status.Active[0]
	if run.Trigger != v1alpha1.TriggerScheduled {
		t.Errorf("the trigger is %s", run.Trigger)
	}
	ms = l.until("minutely", "knows when it fired",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastScheduleTime != nil })
	if ms.Status.LastScheduleTime.Before(due) {
		t.Errorf("it fired at %s, before %s", ms.Status.LastScheduleTime, due)
	}
	l.EndPod(t, l.PodOf(t, l.namespace, run.Run), 0, good())
	ms = l.ended("minutely", run.Run)
	if ms.Status.LastRun.Trigger != v1alpha1.TriggerScheduled || ms.Status.LastRun.Outcome != "Succeeded" {
		t.Errorf("the run is %+v", ms.Status.LastRun)
	}
}
