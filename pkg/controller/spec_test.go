package controller

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func TestTheCronJobFollowsTheSpec(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	l.untilReady("nightly")
	steps := []struct {
		name  string
		edit  func(*v1alpha1.MaintenanceScheduleSpec)
		holds func(*batchv1.CronJob) bool
	}{
		{"suspended", func(s *v1alpha1.MaintenanceScheduleSpec) { s.Suspend = true },
			func(c *batchv1.CronJob) bool { return *c.Spec.Suspend }},
		{"resumed", func(s *v1alpha1.MaintenanceScheduleSpec) { s.Suspend = false },
			func(c *batchv1.CronJob) bool { return !*c.Spec.Suspend }},
		{"in another time zone", func(s *v1alpha1.MaintenanceScheduleSpec) { s.TimeZone = "America/New_York" },
			func(c *batchv1.CronJob) bool { return *c.Spec.TimeZone == "America/New_York" }},
		{"at an interval with exact times", func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Schedule, s.TimeZone, s.Interval = "", "", &metav1.Duration{Duration: 24 * time.Hour}
			s.PreferredHour = new(int32(5))
		}, func(c *batchv1.CronJob) bool {
			return c.Spec.Schedule[len(c.Spec.Schedule)-len(" 5 * * *"):] == " 5 * * *"
		}},
		{"at an interval without", func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.PreferredHour, s.Interval = nil, &metav1.Duration{Duration: 90 * time.Minute}
		}, func(c *batchv1.CronJob) bool {
			return c.Spec.Schedule == "@every 1h30m0s" && c.Spec.StartingDeadlineSeconds == nil
		}},
		{"of another task", func(s *v1alpha1.MaintenanceScheduleSpec) { s.Task = "maintenance_background_verification" },
			func(c *batchv1.CronJob) bool {
				return c.Labels[v1alpha1.LabelTask] == "background-count-verification" &&
					c.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args[1] == "background-count-verification"
			}},
	}
	for _, step := range steps {
		l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { step.edit(&ms.Spec) })
		l.untilCronJob("nightly", "is "+step.name, step.holds)
		l.until("nightly", "says so", func(ms *v1alpha1.MaintenanceSchedule) bool {
			return ms.Status.ObservedGeneration == ms.Generation && meta.IsStatusConditionTrue(ms.Status.Conditions,
				v1alpha1.ConditionReady)
		})
	}
}

func TestASuspendedScheduleSaysSoAndHasNoNextRun(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Suspend = true
	l.create("nightly", spec)
	l.untilCondition("nightly", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	if s := l.schedule("nightly").Status; s.NextScheduleTime != nil || s.NextRun != "suspended" {
		t.Errorf("next run: %v %q", s.NextScheduleTime, s.NextRun)
	}
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend = false })
	if s := l.untilReady("nightly").Status; s.NextScheduleTime == nil ||
		s.NextRun != s.NextScheduleTime.UTC().Format("2006-01-02 15:04 MST") {
		t.Errorf("next run: %v %q", s.NextScheduleTime, s.NextRun)
	}
}

func TestTheInitialDelayHoldsTheCronJobUntilItIsOver(t *testing.T) {
	c := &stoppedClock{}
	l := newLabAt(t, c.read)
	spec := nightly()
	spec.InitialDelay = &metav1.Duration{Duration: 5 * time.Second}
	l.create("nightly", spec)
	l.untilCondition("nightly", v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInitialDelay)
	if !*l.cronJob("nightly").Spec.Suspend {
		t.Error("the CronJob is not suspended meanwhile")
	}
	c.pass(10 * time.Minute)
	l.untilReady("nightly")
	if *l.cronJob("nightly").Spec.Suspend {
		t.Error("the CronJob is still suspended afterwards")
	}
}

// What CEL cannot know becomes Stalled, with a reason and words that help, and no CronJob.
func TestASpecThatCannotWorkIsStalled(t *testing.T) {
	l := newLab(t)
	with := func(edit func(*v1alpha1.MaintenanceScheduleSpec)) v1alpha1.MaintenanceScheduleSpec {
		spec := nightly()
		edit(&spec)
		return spec
	}
	tests := map[string]struct {
		spec   v1alpha1.MaintenanceScheduleSpec
		reason string
		says   string
	}{
		"a date that no year has": {with(func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = "0 0 31 2 *" }),
			v1alpha1.ReasonInvalidSchedule, "never fires"},
		"an hour that no day has": {with(func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = "0 25 * * *" }),
			v1alpha1.ReasonInvalidSchedule, "write a value from 0 to 23"},
		"a zone that is nowhere": {with(func(s *v1alpha1.MaintenanceScheduleSpec) { s.TimeZone = "Europe/Atlantis" }),
			v1alpha1.ReasonInvalidTimeZone, "Europe/Berlin"},
		"a window without a slot": {with(func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Schedule, s.Window = "0 12 * * *", &v1alpha1.WindowSpec{Start: "22:00", End: "06:00"}
		}), v1alpha1.ReasonInvalidWindow, "fires at 12:00 every day (Etc/UTC), which never lies in the window 22:00-06:00"},
		"a task without its claim": {with(func(s *v1alpha1.MaintenanceScheduleSpec) { s.Task = "cache-cleanup" }),
			v1alpha1.ReasonVolumeMissing, "use Cache"},
		"a label that is none": {with(func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Job = &v1alpha1.JobSpec{Labels: map[string]string{"example.com/team": "not a label!"}}
		}), v1alpha1.ReasonInvalidParameters, "spec.job.labels"},
		"requests above the limits": {with(func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Job = &v1alpha1.JobSpec{Resources: &v1alpha1.ResourcesSpec{Requests: corev1.ResourceList{"memory": resource.MustParse("4Gi")}}}
		}), v1alpha1.ReasonInvalidParameters, "which is more than the chart's jobs.resources.limits.memory"},
	}
	names := map[string]string{}
	for name, test := range tests {
		names[name] = l.createNumbered(len(names), test.spec)
	}
	for name, test := range tests {
		c := l.untilCondition(names[name], v1alpha1.ConditionStalled, metav1.ConditionTrue, test.reason)
		says(t, name, c.Message, test.says)
		ready := l.untilCondition(names[name], v1alpha1.ConditionReady, metav1.ConditionFalse, test.reason)
		if s := l.schedule(names[name]).Status; ready.Message != c.Message || s.Message != c.Message || s.NextRun != "stalled" {
			t.Errorf("%s: Ready says %q, status.message %q, nextRun %q", name, ready.Message, s.Message, s.NextRun)
		}
		if found := l.cronJob(names[name]); found != nil {
			t.Errorf("%s: has a CronJob", name)
		}
		l.untilEvent(names[name], v1alpha1.EventStalled, test.says)
	}
}

// A schedule that worked and was then broken must not go on by its older spec. Seen to fail when a stalled schedule
// left its CronJob alone.
func TestAScheduleThatBecomesStalledHoldsItsCronJobUntilItIsHealed(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	l.untilReady("nightly")
	breaks := map[string]func(*v1alpha1.MaintenanceScheduleSpec){
		"by our own rules": func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = "0 0 31 2 *" },
		"by the API server's": func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Job = &v1alpha1.JobSpec{Resources: &v1alpha1.ResourcesSpec{Requests: corev1.ResourceList{"memory": resource.MustParse("4Gi")}}}
		},
	}
	for name, edit := range breaks {
		l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { edit(&ms.Spec) })
		l.untilCronJob("nightly", "is held, wrong "+name, func(c *batchv1.CronJob) bool { return *c.Spec.Suspend })
		l.until("nightly", "is stalled", func(ms *v1alpha1.MaintenanceSchedule) bool {
			return ms.Status.ObservedGeneration == ms.Generation && meta.IsStatusConditionTrue(ms.Status.Conditions, v1alpha1.ConditionStalled)
		})
		l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec = nightly() })
		l.untilReady("nightly")
		l.untilCronJob("nightly", "goes on", func(c *batchv1.CronJob) bool { return !*c.Spec.Suspend })
		if c := meta.FindStatusCondition(l.schedule("nightly").Status.Conditions, v1alpha1.ConditionStalled); c != nil {
			t.Errorf("%s: Stalled stays: %+v", name, c)
		}
	}
}

func TestStatusSaysWhenItRuns(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Schedule, spec.TimeZone = "H(10-50) 3 * * *", "Europe/Berlin"
	l.create("nightly", spec)
	s := l.untilReady("nightly").Status
	says(t, "the sentence", s.Description, "at 03:", " every day (Europe/Berlin)")
	if s.Schedule == spec.Schedule || len(s.NextScheduleTimes) != 3 || !s.NextScheduleTimes[0].Equal(s.NextScheduleTime) || !s.NextScheduleTimes[0].Before(&s.NextScheduleTimes[2]) {
		t.Errorf("the schedule is %q, the next times are %v, the first of them at %v", s.Schedule, s.NextScheduleTimes, s.NextScheduleTime)
	}
	l.untilCronJob("nightly", "has the minute", func(c *batchv1.CronJob) bool { return c.Spec.Schedule == s.Schedule })
	spec.Suspend = true
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec = spec })
	l.until("nightly", "shows no next times while it is suspended", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.NextRun == nextSuspended && len(ms.Status.NextScheduleTimes) == 0 && ms.Status.Description == s.Description
	})
}
