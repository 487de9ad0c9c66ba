package controller

import (
	"fmt"
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// mostSlots bounds the missed runs that one look counts; the next one goes on.
const mostSlots = 1000

// setMissed counts the scheduled runs that did not take place: the times since the last one that fired, or was counted, which are
// longer ago than a run may be late, or after which another one has fired.
func (n *next) setMissed() {
	stored := n.seen.schedule.Status
	if n.seen.schedule.Spec.Suspend || n.todo.stopped || !n.todo.heldTo.IsZero() || stored.ScheduledSince == nil {
		return
	}
	s, from := n.todo.resolved.Schedule, n.todo.since.Time
	for _, at := range []*metav1.Time{stored.LastScheduleTime, timeOf(stored.LastMissed)} {
		if at != nil && at.After(from) {
			from = at.Time
		}
	}
	until := n.seen.now.Add(-s.Grace())
	if fired := n.status.LastScheduleTime; fired != nil && fired.After(until) {
		until = fired.Time
	}
	for _, slot := range s.Slots(from, until, mostSlots) {
		if fired := n.status.LastScheduleTime; fired == nil || !fired.Time.Equal(slot) {
			n.miss(slot)
			from = slot
		}
	}
	if due := s.Slots(from, n.seen.now, 1); len(due) > 0 {
		n.wakeAt(due[0].Add(s.Grace()))
	}
}

func timeOf(missed *v1alpha1.MissedRun) *metav1.Time {
	if missed == nil {
		return nil
	}
	return &missed.Time
}

func (n *next) miss(slot time.Time) {
	missed := &v1alpha1.MissedRun{Time: metav1.NewTime(slot.UTC()), Reason: v1alpha1.MissedNoJob,
		Message: "no Job was made in time: see the Events of the CronJob, and whether the kube-controller-manager runs"}
	if run := n.runAt(slot); run != "" {
		missed.Reason, missed.Message = v1alpha1.MissedOverlap, fmt.Sprintf("the run %s was still under way", run)
	}
	n.status.MissedRuns = maps.Clone(n.status.MissedRuns)
	if n.status.MissedRuns == nil {
		n.status.MissedRuns = map[string]int64{}
	}
	n.status.MissedRuns[missed.Reason]++
	n.status.LastMissed = missed
}

// runAt is the run that was under way at that time, if one is known.
func (n *next) runAt(at time.Time) string {
	for _, run := range n.status.Active {
		if run.StartedAt != nil && !run.StartedAt.After(at) {
			return run.Run
		}
	}
	for _, run := range n.status.History {
		if run.StartedAt != nil && !run.StartedAt.After(at) && run.FinishedAt.After(at) {
			return run.Run
		}
	}
	return ""
}

// newlyMissed says what a status counts more than the one before, in a sentence; empty: nothing.
func newlyMissed(before, after v1alpha1.MaintenanceScheduleStatus) string {
	var n int64
	for reason, count := range after.MissedRuns {
		n += count - before.MissedRuns[reason]
	}
	if n == 0 || after.LastMissed == nil {
		return ""
	}
	return fmt.Sprintf("scheduled runs that did not take place: %d, the last one due at %s: %s: %s",
		n, after.LastMissed.Time.UTC().Format(time.RFC3339), after.LastMissed.Reason, after.LastMissed.Message)
}
