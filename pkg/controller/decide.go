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
	stored   *string          // the digest of what the API server made of it; empty: it is what was sent; nil: none was
	refused  bool             // by the API server or a policy, which is tried again
	made     time.Time        // when it was created, by the API server's clock; zero: not now
	settles  time.Time        // until when it must not fire: a slot from before it was in force would start; zero: it may
	catchUp  catchUp
	runNow   runNow
	throttle throttling
	unmade   bool // the CronJob is in sync, and a Job could not be made
}

// isForeign tells whether the CronJob of the schedule's name is somebody else's.
func (d decision) isForeign() bool {
	return d.problem != nil && d.problem.Reason == v1alpha1.ReasonForeignCronJob
}

// decide is pure. A stalled schedule never keeps an older spec running: its CronJob is suspended until the spec is
// right.
func decide(seen observation, settings cronjob.Settings) decision {
	if seen.cronJob != nil && !ownsCronJob(seen.schedule, seen.cronJob) {
		return decision{action: keep, runNow: decideRunNow(seen, nil),
			problem: &cronjob.Problem{Reason: v1alpha1.ReasonForeignCronJob, Message: fmt.Sprintf(
				"a CronJob %s exists here that this schedule does not own, and it is left alone: delete or rename it, "+
					"or give this schedule another name", seen.cronJob.Name)}}
	}
	resolved, err := cronjob.Resolve(seen.schedule, settings)
	var problem *cronjob.Problem
	if errors.As(err, &problem) {
		return decideStalled(seen, problem)
	}
	if problem = resolved.ProblemWith(seen.protected); problem != nil {
		return decideStalled(seen, problem)
	}
	resolved.SetColocated(seen.holders.colocated)
	d := decision{resolved: resolved, heldTo: heldTo(seen), stopped: isStopped(seen.schedule),
		since: scheduledSince(seen, resolved)}
	unfired := unfiredSince(seen, d.since.Time)
	if end := settledAt(seen, resolved, unfired); end.After(seen.now) {
		d.settles = end
	}
	d.cronJob = resolved.CronJob(!d.heldTo.IsZero() || !d.settles.IsZero() || d.stopped, unfired)
	d.action, d.reason = decideCronJob(seen, d.cronJob)
	d.catchUp = decideCatchUp(seen, d)
	d.runNow = decideRunNow(seen, resolved)
	d.throttle = decideThrottle(seen, resolved)
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

func decideCronJob(seen observation, desired *batchv1.CronJob) (action, string) {
	current := seen.cronJob
	switch {
	case current == nil && seen.schedule.Status.ScheduledSince == nil:
		return create, "" // Ready says so; an Event would be one more write for each schedule
	case current == nil:
		return create, v1alpha1.EventCronJobRepaired // it was there before
	case !metav1.IsControlledBy(current, seen.schedule):
		return update, v1alpha1.EventCronJobAdopted
	case !cronjob.Differs(current, desired, seen.schedule.Status.CronJobDigest):
		return keep, ""
	case meta.IsStatusConditionTrue(seen.schedule.Status.Conditions, v1alpha1.ConditionStalled):
		return update, v1alpha1.EventCronJobUpdated // held until now
	case current.Annotations[v1alpha1.AnnotationApplied] == desired.Annotations[v1alpha1.AnnotationApplied]:
		return update, v1alpha1.EventCronJobRepaired
	}
	return update, v1alpha1.EventCronJobUpdated
}
