package controller

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// scheduledSince is when the schedule as it is came into force. What was due before that starts nothing: it was made,
// changed or resumed since, or the initial delay held it.
func scheduledSince(seen observation, resolved *cronjob.Resolved) metav1.Time {
	status, now := seen.schedule.Status, metav1.NewTime(seen.now.UTC().Truncate(time.Second))
	switch {
	case status.ScheduledSince == nil, seen.cronJob == nil,
		isChanged(seen, resolved), isResumed(seen), isWidened(seen, resolved):
		return now
	case !isReleased(seen, resolved):
		return *status.ScheduledSince
	case isDelayOver(seen):
		return metav1.NewTime(seen.schedule.CreationTimestamp.Add(seen.schedule.Spec.InitialDelay.Duration))
	}
	return now
}

// isChanged tells whether the schedule is another one than the status shows.
func isChanged(seen observation, resolved *cronjob.Resolved) bool {
	status := seen.schedule.Status
	return status.Schedule != resolved.Schedule.Cron || status.TimeZone != resolved.Schedule.TimeZone
}

// isOffNow tells whether the spec, or its failures, hold the schedule.
func isOffNow(seen observation) bool {
	return seen.schedule.Spec.Suspend || isStopped(seen.schedule) || !heldTo(seen).IsZero()
}

// wasOff tells whether the schedule was suspended, stopped or stalled when its status was last written.
func wasOff(seen observation) bool {
	return seen.schedule.Status.ScheduledSince != nil && seen.schedule.Status.NextScheduleTime == nil
}

// isResumed tells whether a schedule goes on that was off.
func isResumed(seen observation) bool {
	return wasOff(seen) && !seen.schedule.Spec.Suspend && !isStopped(seen.schedule)
}

// isWidened tells whether an edit lets runs start later after their time than before: one that was missed would start
// now.
func isWidened(seen observation, resolved *cronjob.Resolved) bool {
	if seen.schedule.Status.ObservedGeneration == seen.schedule.Generation {
		return false
	}
	since := unfiredSince(seen, timeOf(seen.schedule.Status.ScheduledSince))
	current, desired := seen.cronJob.Spec.StartingDeadlineSeconds, resolved.Schedule.StartingDeadline(since)
	return current != nil && desired != nil && *current < *desired
}

// isReleased tells whether the CronJob stands suspended, and neither the schedule nor a slot from before it was in
// force holds it: the initial delay did until now, admission refused what should have gone on, or somebody suspended
// the CronJob itself.
func isReleased(seen observation, resolved *cronjob.Resolved) bool {
	if suspend := seen.cronJob.Spec.Suspend; suspend == nil || !*suspend || isOffNow(seen) {
		return false
	}
	return isReady(seen, v1alpha1.ReasonInitialDelay) || isReady(seen, v1alpha1.ReasonApplyFailed) ||
		settledAt(seen, resolved, unfiredSince(seen, timeOf(seen.schedule.Status.ScheduledSince))).IsZero()
}

// isReady tells whether Ready had that reason when the status was last written.
func isReady(seen observation, reason string) bool {
	ready := meta.FindStatusCondition(seen.schedule.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.Reason == reason
}

// isDelayOver tells whether the initial delay ended by itself. One that was shortened or removed, or whose end could
// not be written at first, ends when that is seen.
func isDelayOver(seen observation) bool {
	return seen.schedule.Spec.InitialDelay != nil &&
		seen.schedule.Status.ObservedGeneration == seen.schedule.Generation &&
		isReady(seen, v1alpha1.ReasonInitialDelay)
}

// settledAt is from when on the CronJob starts nothing that was due before since, or the zero time where a deadline
// sees to that. Of a period it is its first time after since, at which the CronJob controller starts it.
func settledAt(seen observation, resolved *cronjob.Resolved, since time.Time) time.Time {
	switch {
	case since.IsZero():
		return time.Time{}
	case resolved.Schedule.IsEvery():
		return resolved.Schedule.Next(since, anchor(seen))
	}
	return resolved.Schedule.SettledAt(since)
}

// anchor is what the CronJob controller counts "@every" from.
func anchor(seen observation) time.Time {
	switch current := seen.cronJob; {
	case current == nil:
		return seen.now.UTC().Truncate(time.Second)
	case current.Status.LastScheduleTime != nil:
		return current.Status.LastScheduleTime.Time
	default:
		return current.CreationTimestamp.Time
	}
}

// unfiredSince is since, where the CronJob is older than that and has not fired after it, else zero.
func unfiredSince(seen observation, since time.Time) time.Time {
	current := seen.cronJob
	if current == nil || !current.CreationTimestamp.Time.Before(since) {
		return time.Time{}
	}
	if fired := current.Status.LastScheduleTime; fired != nil && !fired.Time.Before(since) {
		return time.Time{}
	}
	return since
}
