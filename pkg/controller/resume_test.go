package controller

import (
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// No surprises: what comes into force after a slot waits for the next one. Kubernetes' own CronJob controller would
// start a slot within the deadline, an hour here, when it next looks at the CronJob: the control shows that it does.
// Must fail, all five, with the deadline of a schedule that nobody touched, and at three seconds after the slot with
// the shortest deadline alone.
func TestWhatComesIntoForceAfterASlotWaitsForTheNext(t *testing.T) {
	l := newLab(t)
	const enough = 25 * time.Second // for a busy machine to store all that must be there before the slot
	slot := time.Now().UTC().Add(enough).Truncate(time.Minute).Add(time.Minute)
	due := fmt.Sprintf("%d %d * * *", slot.Minute(), slot.Hour())
	ahead := fmt.Sprintf("%d %d * * *", slot.Minute(), (slot.Hour()+12)%24)
	changes := map[string]struct {
		before, after func(*v1alpha1.MaintenanceScheduleSpec)
	}{
		"resumed": {func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule, s.Suspend = due, true },
			func(s *v1alpha1.MaintenanceScheduleSpec) { s.Suspend = false }},
		"edited": {func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = ahead },
			func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = due }},
		"moved": {func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule, s.TimeZone = due, "Etc/GMT+6" },
			func(s *v1alpha1.MaintenanceScheduleSpec) { s.TimeZone = "Etc/UTC" }},
		"released": {func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Schedule, s.InitialDelay = due, &metav1.Duration{Duration: 100 * time.Hour}
		}, func(s *v1alpha1.MaintenanceScheduleSpec) { s.InitialDelay = nil }},
		"mended": {func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = ahead },
			func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = due }},
	}
	for name, change := range changes {
		spec := nightly()
		change.before(&spec)
		l.create(name, spec)
	}
	control := foreignCronJob(l.namespace, "control")
	control.Spec.Schedule, control.Spec.Suspend = due, new(true)
	if err := l.Client.Create(t.Context(), control); err != nil {
		t.Fatal(err)
	}
	for name := range changes {
		l.until(name, "is seen", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.ObservedGeneration == ms.Generation })
	}
	time.Sleep(time.Until(slot.Add(3 * time.Second))) // a slot is a time
	l.change("mended", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "0 0 31 2 *" })
	l.untilCondition("mended", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSchedule)
	for name, change := range changes {
		l.change(name, func(ms *v1alpha1.MaintenanceSchedule) { change.after(&ms.Spec) })
		l.untilCronJob(name, "is in force", func(c *batchv1.CronJob) bool {
			return c.Spec.Schedule == due && *c.Spec.TimeZone == "Etc/UTC" && !*c.Spec.Suspend
		})
		l.touch(l.cronJob(name)) // which makes the CronJob controller look
	}
	control.Spec.Suspend = new(false)
	l.touch(control)
	clustertest.Eventually(t, "the control makes up for the slot",
		func() (bool, string) { return len(l.jobs("control")) == 1, "" })
	for name := range changes {
		if jobs := l.jobs(name); len(jobs) > 0 {
			t.Errorf("%s: %s was started", name, jobs[0].Name)
		}
		if next := l.schedule(name).Status.NextScheduleTime; next == nil || !next.After(time.Now().Add(time.Hour)) {
			t.Errorf("%s: the next time is %v", name, next)
		}
	}
}

// touch updates a CronJob with an annotation more.
func (l *lab) touch(c *batchv1.CronJob) {
	l.t.Helper()
	suspend := c.Spec.Suspend
	clustertest.Eventually(l.t, "touch the CronJob "+c.Name, func() (bool, string) {
		if err := l.Client.Get(l.t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return false, err.Error()
		}
		c.Spec.Suspend = suspend
		c.SetAnnotations(merged(c.Annotations, map[string]string{"example.com/touched": "yes"}))
		err := l.Client.Update(l.t.Context(), c)
		return err == nil, fmt.Sprint(err)
	})
}

// A period that no cron expression has counts on while it is suspended, and waits for its next time when it goes on.
// Kubernetes' own CronJob controller would start at once, as it does with the control. Seen to fail when the CronJob
// was resumed at once.
func TestAPeriodThatGoesOnWaitsForItsNextTime(t *testing.T) {
	l := newLab(t)
	const period = 61 * time.Second
	spec := nightly()
	spec.Schedule, spec.Interval, spec.Suspend = "", &metav1.Duration{Duration: period}, true
	l.create("resumed", spec)
	control := foreignCronJob(l.namespace, "control")
	control.Spec.Schedule, control.Spec.Suspend = "@every 61s", new(true)
	if err := l.Client.Create(t.Context(), control); err != nil {
		t.Fatal(err)
	}
	made := l.untilCronJob("resumed", "is made", func(*batchv1.CronJob) bool { return true }).CreationTimestamp
	time.Sleep(time.Until(made.Add(period + 5*time.Second))) // its first time passes
	l.change("resumed", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend = false })
	due := made.Add(2 * period)
	ms := l.until("resumed", "has a next time",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.NextScheduleTime != nil })
	if !ms.Status.NextScheduleTime.Time.Equal(due) {
		t.Errorf("the next time is %s, want %s", ms.Status.NextScheduleTime, due)
	}
	control.Spec.Suspend = new(false)
	l.touch(control)
	clustertest.Eventually(t, "the control starts at once", func() (bool, string) {
		return len(l.jobs("control")) == 1,
			""
	})
	if jobs := l.jobs("resumed"); len(jobs) > 0 {
		t.Fatalf("%s was started", jobs[0].Name)
	}
	clustertest.Eventually(t, "it starts at its next time", func() (bool, string) {
		return len(l.jobs("resumed")) == 1,
			""
	})
	if early := time.Until(due); early > 0 {
		t.Errorf("it started %s too early", early)
	}
}
