package controller

import (
	"fmt"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// mostSlots bounds the missed runs that one look counts, and what is counted of a time of suspension.
const mostSlots = 100_000

// setMissed counts the scheduled runs that did not take place: the times since the last one that fired, or was counted,
// which are longer ago than a run may be late, or after which another one has fired.
func (n *statusBuilder) setMissed() {
	if n.seen.schedule.Status.ScheduledSince == nil {
		return
	}
	n.setSuperseded()
	if n.todo.isOff(n.seen) {
		return
	}
	s, from, anchor := n.todo.resolved.Schedule, latest(n.todo.since.Time, lastStored(n.seen.schedule)), n.anchor()
	fired := timeOf(n.status.LastScheduleTime)
	for _, slot := range s.Slots(from, n.seen.now, anchor, mostSlots) {
		if over := s.OverAt(slot); !fired.After(slot) && over.After(n.seen.now) {
			n.wakeAt(over)
			return
		}
		if !n.fired(slot) {
			n.missSlot(slot)
		}
	}
}

// lastStored is the last slot that the stored status knows of.
func lastStored(ms *v1alpha1.MaintenanceSchedule) time.Time {
	return latest(timeOf(ms.Status.LastScheduleTime), timeOfMissed(ms.Status.LastMissed))
}

func timeOfMissed(missed *v1alpha1.MissedRun) time.Time {
	if missed == nil {
		return time.Time{}
	}
	return missed.Time.Time
}

// missOf counts a scheduled run that said itself that it did nothing.
func (n *statusBuilder) missOf(run v1alpha1.RunResult) {
	reason := ""
	switch outcome := report.Outcome(run.Outcome); {
	case run.Trigger != v1alpha1.TriggerScheduled:
		return
	case outcome == report.Refused && !run.DryRun: // a plan that says so has taken place
		reason = v1alpha1.MissedRefused
	case outcome == report.Skipped && slices.Contains(v1alpha1.MissedReasons(), run.Reason):
		reason = run.Reason
	default:
		return
	}
	n.miss(slotOf(run.Run, run.StartedAt), reason, fmt.Sprintf("%s: %s", run.Run, run.Message), 1)
}

func (n *statusBuilder) miss(slot time.Time, reason, message string, count int64) {
	n.status.MissedRuns = maps.Clone(n.status.MissedRuns)
	if n.status.MissedRuns == nil {
		n.status.MissedRuns = map[string]int64{}
	}
	n.status.MissedRuns[reason] += count
	if !slot.Before(timeOfMissed(n.status.LastMissed)) {
		n.status.LastMissed = &v1alpha1.MissedRun{Time: metav1.NewTime(slot.UTC()), Reason: reason, Message: message}
	}
}

// newlyMissed says what a status counts more than the one before, in a sentence; empty: nothing. Of runs that said so
// themselves there is an Event already.
func newlyMissed(before, after v1alpha1.MaintenanceScheduleStatus) string {
	var n int64
	for _, reason := range []string{v1alpha1.MissedOverlap, v1alpha1.MissedNoJob, v1alpha1.MissedSuspended,
		v1alpha1.MissedUnknown} {
		n += after.MissedRuns[reason] - before.MissedRuns[reason]
	}
	if n == 0 || after.LastMissed == nil {
		return ""
	}
	return fmt.Sprintf("scheduled runs that did not take place: %d, the last one due at %s: %s: %s",
		n, after.LastMissed.Time.UTC().Format(time.RFC3339), after.LastMissed.Reason, after.LastMissed.Message)
}
