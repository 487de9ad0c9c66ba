package controller

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/schedule"
)

// slotJob is a Job of the hourly schedule's CronJob: due half an hour before that many hours ago, of a minute's length.
// Its pod said that all was well, or that it failed.
func slotJob(o *observation, hoursAgo int, kind batchv1.JobConditionType) {
	slot := noon.Add(-time.Duration(hoursAgo)*time.Hour - 30*time.Minute)
	job := endedJob(kind, "")
	job.Name, job.UID = schedule.SlotName("hourly", slot), types.UID(fmt.Sprint("slot-", hoursAgo))
	job.CreationTimestamp, job.Status.StartTime = metav1.NewTime(slot.Add(time.Second)),
		new(metav1.NewTime(slot.Add(time.Second)))
	job.Status.Conditions[0].LastTransitionTime = metav1.NewTime(slot.Add(time.Minute))
	job.OwnerReferences = []metav1.OwnerReference{{Kind: "CronJob", Name: "hourly", Controller: new(true)}}
	pod := endedPod(good(), 0)
	if kind == batchv1.JobFailed {
		pod = endedPod("", 1)
	}
	o.jobs = append(o.jobs, *job)
	o.pods[job.UID] = []corev1.Pod{pod}
	if fired := timeOf(o.cronJob.Status.LastScheduleTime); slot.After(fired) {
		o.cronJob.Status.LastScheduleTime = new(metav1.NewTime(slot))
	}
}

// What the controller says when it is back after hours, of which it knows only what is left. Must fail, in each of
// these, when a slot was judged by the last one that fired and by the runs that the status still called active.
func TestWhatHappenedInAnAbsenceIsJudgedByWhatIsLeft(t *testing.T) {
	hours := func(n int) time.Time { return noon.Add(-time.Duration(n) * time.Hour) }
	ended := func(kind batchv1.JobConditionType, ago ...int) func(*observation) {
		return func(o *observation) {
			for _, n := range ago {
				slotJob(o, n, kind)
			}
		}
	}
	wasActive := func(hoursAgo int) func(*observation) {
		return func(o *observation) {
			slot := hours(hoursAgo).Add(-30 * time.Minute)
			run := v1alpha1.ActiveRun{Run: schedule.SlotName("hourly", slot), Trigger: v1alpha1.TriggerScheduled,
				StartedAt: new(metav1.NewTime(slot))}
			o.schedule.Status.Active, o.schedule.Status.LastScheduleTime = []v1alpha1.ActiveRun{run}, new(metav1.NewTime(slot))
			for _, job := range o.jobs {
				if job.Name == run.Run {
					return
				}
			}
			o.vanished = append(o.vanished, run)
		}
	}
	const good, bad = batchv1.JobComplete, batchv1.JobFailed
	for name, c := range map[string]struct {
		change   []func(*observation)
		missed   map[string]int64
		failures int32
		outcomes []string // of the history, latest first
	}{
		"all Jobs are still there": {[]func(*observation){ended(good, 2, 1, 0)}, nil, 0,
			[]string{"Succeeded", "Succeeded", "Succeeded"}},
		"the first of them was active": {[]func(*observation){ended(good, 2, 1, 0), wasActive(2)}, nil, 0,
			[]string{"Succeeded", "Succeeded", "Succeeded"}},
		"one failed": {[]func(*observation){ended(good, 2, 0), ended(bad, 1)}, nil, 0,
			[]string{"Succeeded", "Failed", "Succeeded"}},
		"a slot between them had none": {[]func(*observation){ended(good, 2, 0)},
			map[string]int64{"Missed": 1}, 0, []string{"Succeeded", "Succeeded"}},
		"nothing fired at all": {nil, map[string]int64{"Missed": 2}, 0, nil}, // the third may still start
		"as many ended as the CronJob keeps": {[]func(*observation){ended(good, 2, 1, 0), since(hours(5))},
			map[string]int64{"Unknown": 2}, 0, []string{"Succeeded", "Succeeded", "Succeeded"}},
		"as many failed as it keeps": {[]func(*observation){ended(bad, 2, 1, 0), since(hours(4))},
			map[string]int64{"Unknown": 1}, 3, []string{"Failed", "Failed", "Failed"}},
		"the active one came and went": {[]func(*observation){ended(good, 2, 1, 0), wasActive(4),
			since(hours(5))}, map[string]int64{"Unknown": 1}, 0, []string{"Succeeded", "Succeeded", "Succeeded", "Unknown"}},
		"the active one was deleted, and nothing else": {[]func(*observation){wasActive(2)}, map[string]int64{"Unknown": 1},
			0, []string{"Unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, hours(3))
			for _, change := range c.change {
				change(&seen)
			}
			slices.SortFunc(seen.jobs, compareEnds)
			status, _ := statusOf(seen)
			if diff := cmp.Diff(c.missed, status.MissedRuns); diff != "" {
				t.Errorf("missed (-want +got)\n%s", diff)
			}
			var outcomes []string
			for _, run := range status.History {
				outcomes = append(outcomes, run.Outcome)
			}
			if diff := cmp.Diff(c.outcomes, outcomes); diff != "" || status.ConsecutiveFailures != c.failures {
				t.Errorf("%d failures in a row; history (-want +got)\n%s", status.ConsecutiveFailures, diff)
			}
			seen.schedule.Status, seen.vanished = status, nil
			if again, _ := statusOf(seen); !cmp.Equal(status.MissedRuns, again.MissedRuns) ||
				len(again.History) != len(status.History) {
				t.Errorf("looking again counts %v, %d runs", again.MissedRuns, len(again.History))
			}
		})
	}
}

// since moves back when the schedule came into force.
func since(at time.Time) func(*observation) {
	return func(o *observation) {
		o.schedule.CreationTimestamp, o.schedule.Status.ScheduledSince = metav1.NewTime(at), new(metav1.NewTime(at))
	}
}

// A run whose end nobody saw is neither a failure nor a success: it stops no schedule, and the condition says that
// nothing is known.
func TestAnUnknownRunStopsNothing(t *testing.T) {
	seen := inForce(t, noon.Add(-20*time.Minute))
	seen.schedule.Spec.SuspendAfterFailures, seen.schedule.Status.ConsecutiveFailures = new(int32(2)), 1
	seen.vanished = []v1alpha1.ActiveRun{{Run: "hourly-now-123456", Trigger: v1alpha1.TriggerManual}}
	status, _ := statusOf(seen)
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionLastRunSucceeded)
	if status.ConsecutiveFailures != 1 || status.LastFailureTime != nil || status.LastSuccessfulTime != nil || c == nil ||
		c.Status != metav1.ConditionUnknown {
		t.Errorf("%d failures in a row, %+v", status.ConsecutiveFailures, c)
	}
	if run := status.LastRun; run.Outcome != v1alpha1.OutcomeUnknown || run.Reason != v1alpha1.RunReasonJobDeleted {
		t.Errorf("the run is %+v", run)
	}
	seen.left = []corev1.Pod{endedPod(good(), 0)}
	seen.left[0].Labels = map[string]string{batchv1.JobNameLabel: "hourly-now-123456"}
	if status, _ := statusOf(seen); status.LastRun.Outcome != "Succeeded" || status.ConsecutiveFailures != 0 ||
		status.LastRun.Run != "hourly-now-123456" {
		t.Errorf("with a pod that says so the run is %+v", status.LastRun)
	}
}

// A run whose end is recorded is not under way again, however late a watch shows it so.
func TestARecordedRunIsNeverActiveAgain(t *testing.T) {
	seen := inForce(t, noon.Add(-24*time.Hour))
	seen.schedule.Spec.HistoryLimit = new(int32(2))
	for _, ago := range []int{3, 2, 1} {
		slotJob(&seen, ago, batchv1.JobComplete)
	}
	seen.schedule.Status, _ = statusOf(seen)
	if len(seen.schedule.Status.History) != 2 {
		t.Fatalf("the history is %+v", seen.schedule.Status.History)
	}
	for i := range seen.jobs {
		seen.jobs[i].Status.Conditions = nil
	}
	if active := seen.activeRuns(); len(active) > 0 {
		t.Errorf("%+v", active)
	}
	slotJob(&seen, 0, batchv1.JobComplete)
	seen.jobs[3].Status.Conditions = nil
	if active := seen.activeRuns(); len(active) != 1 {
		t.Errorf("a new one is not shown: %+v", active)
	}
}

// The result is the last attempt's, also where the cache shows only an earlier one.
func TestAnEarlierAttemptIsNotTakenForTheLast(t *testing.T) {
	earlier := endedPod(message("Failed", "DatabaseUnreachable", "no server answered"), 75)
	for name, c := range map[string]struct {
		kind   batchv1.JobConditionType
		status batchv1.JobStatus
	}{
		"the last one succeeded": {batchv1.JobComplete, batchv1.JobStatus{Failed: 1, Succeeded: 1}},
		"the last one failed":    {batchv1.JobFailed, batchv1.JobStatus{Failed: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			job := endedJob(c.kind, "BackoffLimitExceeded")
			job.Status.Failed, job.Status.Succeeded = c.status.Failed, c.status.Succeeded
			seen := observation{now: noon, pods: map[types.UID][]corev1.Pod{job.UID: {earlier}}}
			if result, ok := seen.resultOf(job); ok {
				t.Errorf("at once it is %+v", result)
			}
			seen.now = noon.Add(podGrace)
			if result, ok := seen.resultOf(job); !ok || c.kind == batchv1.JobComplete && result.Outcome != "Succeeded" {
				t.Errorf("later it is %v, %+v", ok, result)
			}
		})
	}
}
