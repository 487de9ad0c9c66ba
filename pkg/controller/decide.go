package controller

import (
	"errors"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// action is what is to be done with the CronJob.
type action string

const (
	keep   action = "keep"   // it is as it should be, or it must not be touched
	create action = "create" // there is none
	update action = "update" // it differs from what it should be
	hold   action = "hold"   // the spec is stalled: the older one must not go on running
)

// decision is what one reconciliation does, and why.
type decision struct {
	problem  *cronjob.Problem  // why the schedule is stalled, or nil
	resolved *cronjob.Resolved // nil when stalled
	heldTo   time.Time         // until when the initial delay holds the schedule; zero: not
	stopped  bool              // by spec.suspendAfterFailures
	since    metav1.Time       // when the schedule came into force
	action   action
	reason   string           // the Event's reason; empty: there is none
	cronJob  *batchv1.CronJob // what to create or update
	made     time.Time        // when it was created, by the API server's clock; zero: not now
	every    time.Time        // until when a period that counts from before it was in force must not fire; zero: it may
	resumed  bool             // it goes on after it was suspended or had stopped
	catchUp  catchUp
	runNow   runNow
}

// isForeign tells whether the CronJob of the schedule's name is somebody else's.
func (d decision) isForeign() bool {
	return d.problem != nil && d.problem.Reason == v1alpha1.ReasonForeignCronJob
}

// decide is pure. A stalled schedule never keeps an older spec running: its CronJob is suspended until the spec is right.
func decide(seen observation, settings cronjob.Settings) decision {
	if seen.cronJob != nil && !ownsCronJob(seen.schedule, seen.cronJob) {
		return decision{action: keep, runNow: decideRunNow(seen, nil), problem: &cronjob.Problem{Reason: v1alpha1.ReasonForeignCronJob, Message: fmt.Sprintf(
			"a CronJob %s exists here that this schedule does not own, and it is left alone: delete or rename it, or give this schedule another name", seen.cronJob.Name)}}
	}
	resolved, err := cronjob.Resolve(seen.schedule, settings)
	var problem *cronjob.Problem
	if errors.As(err, &problem) {
		return decideStalled(seen, problem)
	}
	d := decision{resolved: resolved, heldTo: heldTo(seen), stopped: isStopped(seen.schedule), since: inForceSince(seen, resolved)}
	unfired := unfiredSince(seen, d.since.Time)
	d.resumed, d.every = isResumed(seen, resolved), everyHeldTo(seen, resolved, unfired)
	d.cronJob = resolved.CronJob(!d.heldTo.IsZero() || !d.every.IsZero() || d.stopped, unfired)
	d.action, d.reason = decideCronJob(seen, d.cronJob)
	d.catchUp = decideCatchUp(seen, d)
	d.runNow = decideRunNow(seen, resolved)
	return d
}

func decideStalled(seen observation, problem *cronjob.Problem) decision {
	d := decision{action: keep, problem: problem, runNow: decideRunNow(seen, nil)}
	if seen.cronJob == nil || seen.cronJob.Spec.Suspend != nil && *seen.cronJob.Spec.Suspend {
		return d
	}
	d.cronJob = seen.cronJob.DeepCopy()
	d.cronJob.Spec.Suspend = new(true)
	d.action, d.reason = hold, v1alpha1.EventCronJobHeld
	return d
}

// isStopped tells whether as many runs failed in a row as the schedule bears.
func isStopped(ms *v1alpha1.MaintenanceSchedule) bool {
	limit := ms.Spec.SuspendAfterFailures
	return limit != nil && ms.Status.ConsecutiveFailures >= *limit
}

// heldTo is when the initial delay ends, if that is in the future.
func heldTo(seen observation) time.Time {
	delay := seen.schedule.Spec.InitialDelay
	if delay == nil {
		return time.Time{}
	}
	end := seen.schedule.CreationTimestamp.Add(delay.Duration)
	if !end.After(seen.now) {
		return time.Time{}
	}
	return end
}

// inForceSince is when the schedule as it is came into force: when it was made, last changed or resumed, or when the initial
// delay held it no longer.
func inForceSince(seen observation, resolved *cronjob.Resolved) metav1.Time {
	status, since := seen.schedule.Status, metav1.NewTime(seen.now.UTC().Truncate(time.Second))
	resumed := status.NextScheduleTime == nil && !seen.schedule.Spec.Suspend && !isStopped(seen.schedule)
	if status.ScheduledSince != nil && !isChanged(seen, resolved) && !resumed && seen.cronJob != nil {
		since = *status.ScheduledSince
	}
	if delay := seen.schedule.Spec.InitialDelay; delay != nil {
		if end := seen.schedule.CreationTimestamp.Add(delay.Duration); end.After(since.Time) && !end.After(seen.now) {
			since = metav1.NewTime(end)
		}
	}
	return since
}

// isChanged tells whether the schedule is another one than the status shows.
func isChanged(seen observation, resolved *cronjob.Resolved) bool {
	status := seen.schedule.Status
	return status.Schedule != resolved.Schedule.Cron || status.TimeZone != resolved.Schedule.TimeZone
}

// isResumed tells whether the same schedule goes on after it was suspended or had stopped.
func isResumed(seen observation, resolved *cronjob.Resolved) bool {
	if seen.schedule.Spec.Suspend || isStopped(seen.schedule) || isChanged(seen, resolved) {
		return false
	}
	ready := meta.FindStatusCondition(seen.schedule.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && (ready.Reason == v1alpha1.ReasonSuspended || ready.Reason == v1alpha1.ReasonTooManyFailures)
}

// everyHeldTo is the first time after since at which a period is due that counts from before, if that is in the future. The
// CronJob controller would start at once what was due between; a CronJob that is suspended until then starts it then.
func everyHeldTo(seen observation, resolved *cronjob.Resolved, since time.Time) time.Time {
	if since.IsZero() || !resolved.Schedule.IsEvery() {
		return time.Time{}
	}
	due := resolved.Schedule.Next(since, anchor(seen))
	if !due.After(seen.now) {
		return time.Time{}
	}
	return due
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

func decideCronJob(seen observation, desired *batchv1.CronJob) (action, string) {
	current := seen.cronJob
	switch {
	case current == nil && seen.schedule.Status.ScheduledSince == nil:
		return create, "" // Ready says so; an Event would be one more write for each schedule
	case current == nil:
		return create, v1alpha1.EventCronJobRepaired // it was there before
	case !cronjob.Differs(current, desired):
		return keep, ""
	case meta.IsStatusConditionTrue(seen.schedule.Status.Conditions, v1alpha1.ConditionStalled):
		return update, v1alpha1.EventCronJobUpdated // held until now
	case current.Annotations[v1alpha1.AnnotationApplied] == desired.Annotations[v1alpha1.AnnotationApplied]:
		return update, v1alpha1.EventCronJobRepaired
	}
	return update, v1alpha1.EventCronJobUpdated
}
