package controller

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/schedule"
)

// cause is why a run is late.
type cause struct{ reason, message string }

// lateSince is when the run that should have worked counts as late, and why it is if that has passed.
func (n *statusBuilder) lateSince() (time.Time, cause) {
	s := n.todo.resolved.Schedule
	limit := s.OverdueAt(n.status.ScheduledSince.Time, timeOf(n.status.LastScheduleTime))
	why := n.unstarted(limit)
	if slot, idle := n.unworked(); !slot.IsZero() && slot.Add(s.Grace()).Before(limit) {
		return slot.Add(s.Grace()), idle
	}
	return limit, why
}

// unstarted is why no Job was made for a slot.
func (n *statusBuilder) unstarted(limit time.Time) cause {
	since := limit.UTC().Format(time.RFC3339)
	if active := n.seen.activeRuns(); len(active) > 0 {
		return cause{v1alpha1.ReasonStillRunning, fmt.Sprintf("the next run should have started by %s, "+
			"but %s is still under way", since, active[0].Run)}
	}
	return cause{v1alpha1.ReasonMissedRun, fmt.Sprintf("a run should have started by %s and did not: "+
		"see the Events of the CronJob, and whether the kube-controller-manager runs", since)}
}

// unworked is the first slot since which no run got to work although Jobs were made, or the zero time: the pod of the
// last one cannot start, or they were skipped since another run held the lock. What a schedule asks for itself, a
// window or an idle library, makes nobody late.
func (n *statusBuilder) unworked() (first time.Time, why cause) {
	if blocked := n.condition(v1alpha1.ConditionRunBlocked); blocked != nil {
		for _, run := range n.status.Active {
			if run.Trigger == v1alpha1.TriggerScheduled {
				first, why = slotOf(run.Run, run.StartedAt), cause{v1alpha1.ReasonNotStarted, blocked.Message}
			}
		}
	}
	for _, run := range n.status.History {
		if report.Outcome(run.Outcome) != report.Skipped || run.Reason != string(report.ReasonLocked) {
			break
		}
		if run.Trigger != v1alpha1.TriggerScheduled {
			continue
		}
		first = slotOf(run.Run, run.StartedAt)
		if why.reason == "" {
			why = cause{v1alpha1.ReasonLocked,
				fmt.Sprintf("no run gets to work; %s was skipped: %s", run.Run, run.Message)}
		}
	}
	return first, why
}

// slotOf is the slot of a scheduled run, by the name that its Job has, else when it started.
func slotOf(run string, started *metav1.Time) time.Time {
	if slot, ok := schedule.SlotOf(run); ok {
		return slot
	}
	return timeOf(started)
}
