package controller

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/schedule"
)

// inForce is the observation of an hourly schedule that has been in force since then, with its CronJob in sync.
func inForce(t *testing.T, since time.Time) observation {
	t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "media", Name: "hourly", UID: "0", Generation: 1,
			CreationTimestamp: metav1.NewTime(since)},
		Spec: v1alpha1.MaintenanceScheduleSpec{Task: "verify-references", Schedule: "30 * * * *"},
		Status: v1alpha1.MaintenanceScheduleStatus{Schedule: "30 * * * *", TimeZone: "Etc/UTC",
			ScheduledSince: new(metav1.NewTime(since)), NextScheduleTime: new(metav1.NewTime(since))},
	}
	resolved, err := cronjob.Resolve(ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	return observation{now: noon, schedule: ms, cronJob: resolved.CronJob(false, time.Time{}),
		pods: map[types.UID][]corev1.Pod{}}
}

func statusOf(seen observation) (v1alpha1.MaintenanceScheduleStatus, time.Duration) {
	return nextStatus(seen, decide(seen, settings()), nil)
}

// Nothing is silent: a run that did not start is a condition, an Event and a metric, and the controller wakes by itself
// to say so.
func TestARunThatDidNotStartIsOverdue(t *testing.T) {
	fired := func(at time.Time) func(*observation) {
		return func(o *observation) { o.cronJob.Status.LastScheduleTime = new(metav1.NewTime(at)) }
	}
	tests := map[string]struct {
		since  time.Time
		change func(*observation)
		status metav1.ConditionStatus
		reason string
	}{
		"on time since its creation": {noon.Add(-20 * time.Minute), fired(time.Time{}), metav1.ConditionFalse,
			v1alpha1.ReasonOnTime},
		"late since its creation": {noon.Add(-2 * time.Hour), func(*observation) {}, metav1.ConditionTrue,
			v1alpha1.ReasonMissedRun},
		"on time since it fired": {noon.Add(-24 * time.Hour), fired(noon.Add(-30 * time.Minute)), metav1.ConditionFalse,
			v1alpha1.ReasonOnTime},
		"late since it fired": {noon.Add(-24 * time.Hour), fired(noon.Add(-150 * time.Minute)), metav1.ConditionTrue,
			v1alpha1.ReasonMissedRun},
		"late since the last still runs": {noon.Add(-24 * time.Hour), func(o *observation) {
			fired(noon.Add(-150 * time.Minute))(o)
			o.jobs = []batchv1.Job{{ObjectMeta: metav1.ObjectMeta{Name: "hourly-1"}, Status: batchv1.JobStatus{Active: 1}}}
		}, metav1.ConditionTrue, v1alpha1.ReasonStillRunning},
		"late since runs find the lock held": {noon.Add(-24 * time.Hour), func(o *observation) {
			fired(noon.Add(-30 * time.Minute))(o)
			ran("Skipped", "Locked")(o)
			o.now = noon.Add(2 * time.Minute)
		}, metav1.ConditionTrue, v1alpha1.ReasonLocked},
		"not late since a run was skipped as told": {noon.Add(-24 * time.Hour), func(o *observation) {
			fired(noon.Add(-30 * time.Minute))(o)
			ran("Skipped", "NotIdle")(o)
			o.now = noon.Add(2 * time.Minute)
		}, metav1.ConditionFalse, v1alpha1.ReasonOnTime},
		"late since no node takes the pod": {noon.Add(-24 * time.Hour), func(o *observation) {
			fired(noon.Add(-90 * time.Minute))(o)
			o.jobs = []batchv1.Job{{ObjectMeta: metav1.ObjectMeta{Name: schedule.SlotName("hourly", noon.Add(-90*time.Minute)),
				UID: "9"}, Status: batchv1.JobStatus{Active: 1}}}
			o.pods["9"] = []corev1.Pod{{Status: corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
				{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
					Message: "0/1 nodes"}}}}}
		}, metav1.ConditionTrue, v1alpha1.ReasonNotStarted},
		"suspended, and so never late": {noon.Add(-24 * time.Hour), func(o *observation) { o.schedule.Spec.Suspend = true },
			metav1.ConditionFalse, v1alpha1.ReasonNotScheduled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, test.since)
			test.change(&seen)
			status, again := statusOf(seen)
			c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionOverdue)
			if c.Status != test.status || c.Reason != test.reason {
				t.Errorf("Overdue is %s, %s: %s", c.Status, c.Reason, c.Message)
			}
			if c.Reason == v1alpha1.ReasonOnTime && (again <= 0 || again > time.Hour) {
				t.Errorf("the controller looks again after %s", again)
			}
			events := eventsOf(seen, decide(seen, settings()), status, nil)
			if late := c.Status == metav1.ConditionTrue; late != hasReason(events, v1alpha1.EventOverdue) {
				t.Errorf("the Events are %+v", events)
			}
		})
	}
}

func hasReason(events []event, reason string) bool {
	for _, e := range events {
		if e.reason == reason {
			return true
		}
	}
	return false
}

// The cache shows a Job's end and its pod's end in any order: a result is judged missing only after a while, and
// meanwhile the run is shown as active. Seen to fail when a Job without a pod was judged at once.
func TestAResultIsWaitedForBeforeItIsMissing(t *testing.T) {
	seen := inForce(t, noon.Add(-20*time.Minute))
	seen.jobs = []batchv1.Job{*endedJob(batchv1.JobComplete, "")}
	status, again := statusOf(seen)
	if status.LastRun != nil || len(status.Active) != 1 || again > podGrace+time.Second {
		t.Fatalf("at once: last run %+v, active %+v, again after %s", status.LastRun, status.Active, again)
	}
	seen.now = noon.Add(podGrace)
	status, _ = statusOf(seen)
	if status.LastRun == nil || status.LastRun.Reason != v1alpha1.RunReasonPodGone || len(status.Active) != 0 {
		t.Errorf("later: last run %+v, active %+v", status.LastRun, status.Active)
	}
}

// Jobs outlive the history: an old one is not taken for news when the history is full or short. Seen to fail, where all
// runs end in one second, when runs were ordered by their names: the last run was then any of them.
func TestEachRunIsRecordedOnce(t *testing.T) {
	for _, limit := range []int32{1, 2, 10} {
		for _, apart := range []time.Duration{time.Second, 0} {
			t.Run(fmt.Sprintf("with a history of %d, runs %s apart", limit, apart), func(t *testing.T) {
				seen := inForce(t, noon.Add(-24*time.Hour))
				seen.schedule.Spec.HistoryLimit = &limit
				for i := range 5 {
					seen.jobs = append(seen.jobs, *endedJob(batchv1.JobFailed, "BackoffLimitExceeded"))
					job := &seen.jobs[i]
					job.Name, job.UID = fmt.Sprintf("hourly-%d", 5-i), types.UID(fmt.Sprint(i))
					ended := job.Status
					job.Status = batchv1.JobStatus{} // as it is under way
					seen.schedule.Status, _ = statusOf(seen)
					job.Status = ended
					job.Status.Conditions[0].LastTransitionTime = metav1.NewTime(noon.Add(time.Duration(i-5) * apart))
					seen.pods[job.UID] = []corev1.Pod{endedPod("", 70)}
					for range 2 {
						status, _ := statusOf(seen)
						if status.ConsecutiveFailures != int32(i+1) || status.LastRun.Run != job.Name ||
							status.History[0].Run != job.Name || len(status.History) != min(i+1, int(limit)) {
							t.Fatalf("after run %d: %d failures, last run %s, history %+v", i, status.ConsecutiveFailures,
								status.LastRun.Run, status.History)
						}
						seen.schedule.Status = status
					}
				}
			})
		}
	}
}

// What nothing changes writes nothing, however often somebody looks. Seen to fail, for the stopped one, when having no
// next time counted as being resumed.
func TestLookingAgainChangesNothing(t *testing.T) {
	for name, change := range map[string]func(*observation){
		"in force":  func(*observation) {},
		"suspended": func(o *observation) { o.schedule.Spec.Suspend = true },
		"stopped": func(o *observation) {
			o.schedule.Spec.SuspendAfterFailures, o.schedule.Status.ConsecutiveFailures = new(int32(3)), 3
		},
		"stalled": func(o *observation) { o.schedule.Spec.Schedule = "0 0 31 2 *" },
		"held":    func(o *observation) { o.schedule.Spec.InitialDelay = &metav1.Duration{Duration: 3 * time.Hour} },
		"delayed": func(o *observation) { o.schedule.Spec.InitialDelay = &metav1.Duration{Duration: time.Minute} },
	} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, noon.Add(-20*time.Minute))
			change(&seen)
			first, _ := statusOf(seen)
			seen.schedule.Status = first
			seen.now = seen.now.Add(7 * time.Second)
			if again, _ := statusOf(seen); !equality.Semantic.DeepEqual(first, again) {
				t.Errorf("(-first +again)\n%s", cmp.Diff(first, again))
			}
		})
	}
}

// ran is the run of half past eleven, which ended at noon.
func ran(outcome, reason string) func(*observation) {
	return func(o *observation) {
		job := endedJob(batchv1.JobComplete, "")
		job.Name = schedule.SlotName("hourly", noon.Add(-30*time.Minute))
		text := report.Result{SchemaVersion: report.SchemaVersion, Outcome: report.Outcome(outcome),
			Reason: report.Reason(reason), Message: "so it was"}
		o.jobs, o.pods[job.UID] = append(o.jobs, *job), []corev1.Pod{endedPod(string(text.Termination()), 0)}
	}
}

// Every slot without a run is counted once, with its reason, whether it was seen as it passed or after the controller
// was away.
func TestASlotWithoutARunIsCounted(t *testing.T) {
	hours := func(n int) time.Time { return noon.Add(-time.Duration(n) * time.Hour) }
	fired := func(at time.Time) func(*observation) {
		return func(o *observation) { o.cronJob.Status.LastScheduleTime = new(metav1.NewTime(at)) }
	}
	running := func(since time.Time) func(*observation) {
		return func(o *observation) {
			job := endedJob(batchv1.JobFailed, "")
			job.Status = batchv1.JobStatus{StartTime: new(metav1.NewTime(since))}
			o.jobs = []batchv1.Job{*job}
		}
	}
	period := func(o *observation) { // at a quarter to ten, half past ten, a quarter past eleven, and now
		o.schedule.Spec.Schedule, o.schedule.Spec.Interval = "", &metav1.Duration{Duration: 45 * time.Minute}
		resolved, err := cronjob.Resolve(o.schedule, settings())
		if err != nil {
			t.Fatal(err)
		}
		o.cronJob = resolved.CronJob(false, time.Time{})
		o.cronJob.CreationTimestamp, o.schedule.Status.Schedule = metav1.NewTime(hours(3)), resolved.Schedule.Cron
	}
	resumed := func(from string) func(*observation) {
		return func(o *observation) {
			o.schedule.Status.NextScheduleTime = nil
			o.schedule.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Reason: from}}
		}
	}
	for name, c := range map[string]struct {
		since  time.Time
		change []func(*observation)
		want   map[string]int64
		last   time.Time
	}{
		"none is due yet":                   {noon.Add(-20 * time.Minute), nil, nil, time.Time{}},
		"one is late, within its tolerance": {noon.Add(-31 * time.Minute), nil, nil, time.Time{}},
		"it fired": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute))}, nil,
			time.Time{}},
		"two passed": {hours(3), nil, map[string]int64{"Missed": 2}, noon.Add(-90 * time.Minute)},
		"two passed, then one fired": {hours(3), []func(*observation){fired(noon.Add(-30 * time.Minute))},
			map[string]int64{"Missed": 2}, noon.Add(-90 * time.Minute)},
		"they passed while a run was active": {hours(3), []func(*observation){running(hours(2))},
			map[string]int64{"Missed": 1, "Overlap": 1}, noon.Add(-90 * time.Minute)},
		"it is suspended": {hours(3),
			[]func(*observation){func(o *observation) { o.schedule.Spec.Suspend = true }}, nil, time.Time{}},
		"it goes on after it was suspended": {hours(3), []func(*observation){resumed(v1alpha1.ReasonSuspended)},
			map[string]int64{"Suspended": 3}, noon.Add(-30 * time.Minute)},
		"it goes on after it had stopped": {hours(2), []func(*observation){resumed(v1alpha1.ReasonTooManyFailures)},
			map[string]int64{"Suspended": 2}, noon.Add(-30 * time.Minute)},
		"it goes on after it was mended": {hours(3), []func(*observation){resumed(v1alpha1.ReasonInvalidSchedule)},
			map[string]int64{"Suspended": 3}, noon.Add(-30 * time.Minute)},
		"it goes on as another one": {hours(3), []func(*observation){resumed(v1alpha1.ReasonSuspended),
			func(o *observation) { o.schedule.Spec.Schedule = "15 * * * *" }},
			map[string]int64{"Suspended": 3}, noon.Add(-30 * time.Minute)},
		"it is another one while it is suspended": {hours(3), []func(*observation){resumed(v1alpha1.ReasonSuspended),
			func(o *observation) {
				o.schedule.Spec.Schedule, o.schedule.Spec.Suspend = "15 * * * *", true
			}}, map[string]int64{"Suspended": 3}, noon.Add(-30 * time.Minute)},
		"it becomes another one, and one was missed": {hours(1),
			[]func(*observation){func(o *observation) { o.schedule.Spec.Schedule = "15 * * * *" }},
			map[string]int64{"Missed": 1}, noon.Add(-30 * time.Minute)},
		"it becomes another one, and all fired": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute)),
			func(o *observation) { o.schedule.Spec.Schedule = "15 * * * *" }},
			nil, time.Time{}},
		"periods passed, then one fired": {hours(3), []func(*observation){period,
			fired(noon.Add(-45 * time.Minute))}, map[string]int64{"Missed": 2}, noon.Add(-90 * time.Minute)},
		"periods passed, and the last is still due": {hours(3), []func(*observation){period}, map[string]int64{"Missed": 2},
			noon.Add(-90 * time.Minute)},
		"a period is suspended and goes on": {hours(3), []func(*observation){period, resumed(v1alpha1.ReasonSuspended)},
			map[string]int64{"Suspended": 3}, noon.Add(-45 * time.Minute)},
		"a run was skipped, and says why": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute)),
			ran("Skipped", "NotIdle")}, map[string]int64{"NotIdle": 1}, noon.Add(-30 * time.Minute)},
		"a run found its window closed": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute)),
			ran("Skipped", "WindowClosed")}, map[string]int64{"WindowClosed": 1}, noon.Add(-30 * time.Minute)},
		"a run found the lock held": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute)),
			ran("Skipped", "Locked")}, map[string]int64{"Locked": 1}, noon.Add(-30 * time.Minute)},
		"a run was refused": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute)),
			ran("Refused", "DeletionCapExceeded")}, map[string]int64{"Refused": 1}, noon.Add(-30 * time.Minute)},
		"a time came twice: that is no slot": {hours(1), []func(*observation){fired(noon.Add(-30 * time.Minute)),
			ran("Skipped", "RepeatedTime")}, nil, time.Time{}},
		"runs are skipped after a minute": {noon.Add(-33 * time.Minute),
			[]func(*observation){func(o *observation) { o.schedule.Spec.MissedRuns = v1alpha1.MissedRunsSkip }},
			map[string]int64{"Missed": 1}, noon.Add(-30 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, c.since)
			for _, change := range c.change {
				change(&seen)
			}
			status, again := statusOf(seen)
			if diff := cmp.Diff(c.want, status.MissedRuns); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if (status.LastMissed == nil) != c.last.IsZero() || status.LastMissed != nil &&
				!status.LastMissed.Time.Time.Equal(c.last) {
				t.Errorf("the last is %+v, want %s", status.LastMissed, c.last)
			}
			if again <= 0 && !seen.schedule.Spec.Suspend {
				t.Error("it does not wake by itself")
			}
			seen.schedule.Status = status
			if status, _ := statusOf(seen); !cmp.Equal(c.want, status.MissedRuns) {
				t.Errorf("looking again counts %v", status.MissedRuns)
			}
			events := eventsOf(seen, decide(seen, settings()), status, nil)
			if tells := newlyMissed(v1alpha1.MaintenanceScheduleStatus{}, status) != "" ||
				len(newRuns(v1alpha1.MaintenanceScheduleStatus{}, status)) > 0; c.want != nil && !tells {
				t.Errorf("no Event says so: %+v", events)
			}
		})
	}
}

// An hour in which nothing is due writes nothing: whenever the controller wakes by itself, the status stays as it is.
// Seen to fail when the status held the time of the last look.
func TestAnIdleHourWritesNothing(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.MaintenanceScheduleSpec){
		"yearly":    func(s *v1alpha1.MaintenanceScheduleSpec) {},
		"in a zone": func(s *v1alpha1.MaintenanceScheduleSpec) { s.TimeZone = "Europe/Berlin" },
		"every 36h": func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Schedule, s.Interval = "", &metav1.Duration{Duration: 36 * time.Hour}
		},
		"weekly": func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Schedule, s.Interval = "", &metav1.Duration{Duration: 7 * 24 * time.Hour}
		},
		"suspended":   func(s *v1alpha1.MaintenanceScheduleSpec) { s.Suspend = true },
		"held":        func(s *v1alpha1.MaintenanceScheduleSpec) { s.InitialDelay = &metav1.Duration{Duration: 24 * time.Hour} },
		"stalled":     func(s *v1alpha1.MaintenanceScheduleSpec) { s.Schedule = "0 0 31 2 *" },
		"with a gate": func(s *v1alpha1.MaintenanceScheduleSpec) { s.Idle = &v1alpha1.IdleSpec{} },
		"with window": func(s *v1alpha1.MaintenanceScheduleSpec) {
			s.Window = &v1alpha1.WindowSpec{Start: "02:00", End: "04:00"}
		},
		"skips missed": func(s *v1alpha1.MaintenanceScheduleSpec) { s.MissedRuns = v1alpha1.MissedRunsSkip },
	} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, noon)
			seen.schedule.Spec.Schedule = "0 3 1 1 *"
			change(&seen.schedule.Spec)
			seen.cronJob, seen.schedule.Status = nil, v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: -1}
			todo := decide(seen, settings())
			seen.schedule.Status, _ = nextStatus(seen, todo, nil)
			if seen.cronJob = todo.cronJob; seen.cronJob != nil {
				seen.cronJob.CreationTimestamp = metav1.NewTime(noon)
			}
			for wakes := 0; seen.now.Before(noon.Add(time.Hour)); {
				todo := decide(seen, settings())
				status, again := nextStatus(seen, todo, nil)
				if todo.action != keep || !equality.Semantic.DeepEqual(seen.schedule.Status, status) {
					t.Fatalf("after %s: %s; (-before +after)\n%s", seen.now.Sub(noon), todo.action, cmp.Diff(seen.schedule.Status,
						status))
				}
				after := 7 * time.Minute // something else makes it look
				if again > 0 && again < after {
					after = again
					wakes++
				}
				if seen.now = seen.now.Add(after); wakes > 3 {
					t.Fatalf("it wakes all the time, the last time %s after noon", seen.now.Sub(noon))
				}
			}
		})
	}
}

// A clock that jumps, forwards and back, harms nothing: no run is started for it, the count of what was missed is
// bounded, and once the clock is right the status is as if nothing had been.
func TestAClockThatJumpsHarmsNothing(t *testing.T) {
	for name, jump := range map[string]time.Duration{"a day ahead": 24 * time.Hour,
		"thirty years ahead": 30 * 365 * 24 * time.Hour, "a day back": -24 * time.Hour,
		"to 1970": -time.Duration(noon.UnixNano())} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, noon.Add(-20*time.Minute))
			before, _ := statusOf(seen)
			seen.schedule.Status = before
			seen.now = noon.Add(jump)
			began := time.Now()
			todo := decide(seen, settings())
			status, _ := nextStatus(seen, todo, nil)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("it took %s", took)
			}
			if todo.catchUp.job != nil || todo.runNow.job != nil {
				t.Error("it starts a run")
			}
			seen.schedule.Status, seen.now = status, noon.Add(time.Minute)
			todo = decide(seen, settings())
			if todo.action == update && *todo.cronJob.Spec.Suspend {
				t.Errorf("the CronJob is suspended")
			}
			after, _ := nextStatus(seen, todo, nil)
			before.MissedRuns, before.LastMissed, after.MissedRuns, after.LastMissed = nil, nil, nil, nil
			for _, status := range []*v1alpha1.MaintenanceScheduleStatus{&before, &after} {
				for i := range status.Conditions {
					status.Conditions[i].LastTransitionTime = metav1.Time{}
				}
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("(-before +after)\n%s", diff)
			}
		})
	}
}
