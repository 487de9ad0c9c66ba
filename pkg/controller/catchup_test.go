package controller

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/schedule"
)

// gap is when the clocks of Berlin go from 02:00 to 03:00.
var gap = time.Date(2026, time.March, 29, 1, 0, 0, 0, time.UTC)

// aboutTheGap is a daily schedule at 02:30 in Berlin, a few seconds after the clocks skipped that.
func aboutTheGap(t *testing.T) observation {
	t.Helper()
	seen := inForce(t, gap.Add(-36*time.Hour))
	ms := seen.schedule
	ms.Name, ms.Spec.Schedule, ms.Spec.TimeZone = "daily", "30 2 * * *", "Europe/Berlin"
	ms.Status.Schedule, ms.Status.TimeZone = ms.Spec.Schedule, ms.Spec.TimeZone
	resolved, err := cronjob.Resolve(ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	seen.now, seen.cronJob = gap.Add(5*time.Second), resolved.CronJob(false, time.Time{})
	seen.cronJob.Status.LastScheduleTime = new(metav1.NewTime(gap.Add(-(23*time.Hour + 30*time.Minute))))
	return seen
}

// A time that the clocks skip has its run, made once, as soon as they went forward. Kubernetes' CronJob has none that
// day.
func TestATimeThatTheClocksSkipHasItsRun(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*observation)
		made   bool
		last   time.Time // status.lastScheduleTime
	}{
		"it is made": {func(*observation) {}, true, gap},
		"not before": {func(o *observation) { o.now = gap.Add(-time.Second) }, false,
			gap.Add(-(23*time.Hour + 30*time.Minute))},
		"late, after the controller was": {func(o *observation) { o.now = gap.Add(50 * time.Minute) }, true, gap},
		"not later than a run may be": {func(o *observation) { o.now = gap.Add(time.Hour) }, false,
			gap.Add(-(23*time.Hour + 30*time.Minute))},
		"not while suspended": {func(o *observation) { o.schedule.Spec.Suspend = true }, false,
			gap.Add(-(23*time.Hour + 30*time.Minute))},
		"not when it was resumed after": {func(o *observation) { o.schedule.Status.NextScheduleTime = nil }, false,
			gap.Add(-(23*time.Hour + 30*time.Minute))},
		"not twice, before the status is stored": {func(o *observation) {
			o.jobs = []batchv1.Job{{ObjectMeta: metav1.ObjectMeta{Name: schedule.SlotName("daily", gap)}}}
		}, false, gap},
		"not twice": {func(o *observation) { o.schedule.Status.LastScheduleTime = new(metav1.NewTime(gap)) }, false, gap},
		"not while another run is under way": {func(o *observation) {
			o.jobs = []batchv1.Job{{ObjectMeta: metav1.ObjectMeta{Name: "daily-now-123456"}}}
		}, false, gap.Add(-(23*time.Hour + 30*time.Minute))},
	} {
		t.Run(name, func(t *testing.T) {
			seen := aboutTheGap(t)
			c.change(&seen)
			todo := decide(seen, settings())
			if (todo.catchUp.job != nil) != c.made {
				t.Errorf("the Job is %v", todo.catchUp.job)
			}
			if c.made && todo.catchUp.job.Name != schedule.SlotName("daily", gap) {
				t.Errorf("its name is %s", todo.catchUp.job.Name)
			}
			status, _ := nextStatus(seen, todo, nil)
			if last := timeOf(status.LastScheduleTime); !last.Equal(c.last) {
				t.Errorf("the last time is %s, want %s", last, c.last)
			}
			if suspended := seen.schedule.Status.NextScheduleTime == nil; status.MissedRuns[v1alpha1.MissedSuspended] > 0 != suspended || len(status.MissedRuns) > 1 {
				t.Errorf("missed: %v", status.MissedRuns)
			}
		})
	}
}

// The same with a real API server, while the controller's clock goes over the gap.
func TestTheControllerMakesTheRunThatTheClocksSkip(t *testing.T) {
	c := &stoppedClock{now: gap.Add(-8 * time.Second)}
	l := newLabAt(t, c.read)
	spec := nightly()
	spec.Schedule, spec.TimeZone = "30 2 * * *", "Europe/Berlin"
	l.create("daily", spec)
	next := l.until("daily", "has a next time",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.NextScheduleTime != nil })
	if !next.Status.NextScheduleTime.Time.Equal(gap) {
		t.Fatalf("the next time is %s", next.Status.NextScheduleTime)
	}
	c.pass(9 * time.Second)
	run := schedule.SlotName("daily", gap)
	l.EndPod(t, l.PodOf(t, l.namespace, run), 0, good())
	ms := l.ended("daily", run)
	if ms.Status.LastRun.Trigger != v1alpha1.TriggerScheduled || !ms.Status.LastScheduleTime.Time.Equal(gap) ||
		ms.Status.LastRun.Attempts != 1 {
		t.Errorf("the run is %+v, the last time %s", ms.Status.LastRun, ms.Status.LastScheduleTime)
	}
	if jobs := l.jobs("daily"); len(jobs) != 1 {
		t.Errorf("%d Jobs", len(jobs))
	}
}
