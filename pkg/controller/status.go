package controller

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Words of status.nextRun where there is no next run.
const (
	nextSuspended = "suspended"
	nextStalled   = "stalled"
	nextStopped   = "stopped"
)

// shownTimes is how many scheduled times status shows.
const shownTimes = 3

// statusBuilder is a status in the making.
type statusBuilder struct {
	seen    observation
	todo    decision
	failure error // of apply, or nil
	status  *v1alpha1.MaintenanceScheduleStatus
	waiting []*batchv1.Job // that ended, and whose result may still come
	wake    time.Time      // when something changes that no watch tells; zero: never
}

// nextStatus is pure: what the status should be after apply, and after how long to look again (0: no need).
func nextStatus(seen observation, todo decision, failure error) (v1alpha1.MaintenanceScheduleStatus, time.Duration) {
	n := &statusBuilder{seen: seen, todo: todo, failure: failure, status: seen.schedule.Status.DeepCopy()}
	n.status.ObservedGeneration = seen.schedule.Generation
	if todo.stored != nil {
		n.status.CronJobDigest = *todo.stored
	}
	n.setResults()
	n.setActive()
	n.setOrder()
	n.setTimes()
	n.setConditions()
	n.setMessage()
	if after := n.seen.schedule.DeepCopy(); n.todo.resolved != nil {
		after.Status = *n.status
		if isStopped(after) != n.todo.stopped {
			n.wake = n.seen.now // what is decided next depends on the runs that this status has recorded
		}
	}
	if n.wake.IsZero() {
		return *n.status, 0
	}
	return *n.status, max(n.wake.Sub(seen.now), 0) + time.Second
}

// wakeAt asks for another look at that time, if it lies ahead.
func (n *statusBuilder) wakeAt(at time.Time) {
	if at.After(n.seen.now) && (n.wake.IsZero() || at.Before(n.wake)) {
		n.wake = at
	}
}

// at is the time of this reconciliation as the API stores it.
func (n *statusBuilder) at() metav1.Time {
	return metav1.NewTime(n.seen.now.UTC().Truncate(time.Second))
}

func (n *statusBuilder) setResults() {
	limit := historyLimit(n.seen.schedule)
	for _, run := range n.seen.vanished {
		result := n.seen.deletedJobResult(run, n.at())
		record(n.status, result)
		n.setConditionsOfRun(result)
	}
	for _, job := range n.seen.unrecorded() {
		result, ok := n.seen.resultOf(job)
		if !ok {
			n.waiting = append(n.waiting, job)
			continue
		}
		n.explain(&result)
		record(n.status, result)
		n.setConditionsOfRun(result)
		n.missOf(result)
	}
	if len(n.status.History) > limit {
		n.status.History = slices.Clip(n.status.History[:limit])
	}
}

// explain adds to a run that never got to work what kept it from it.
func (n *statusBuilder) explain(result *v1alpha1.RunResult) {
	blocked := n.condition(v1alpha1.ConditionRunBlocked)
	if blocked != nil && result.Reason == v1alpha1.RunReasonDeadlineExceeded {
		result.Message += "; " + blocked.Message
	}
}

// setActive shows a run from when its Job is made until its result is in the history.
func (n *statusBuilder) setActive() {
	n.status.Active = n.seen.activeRuns()
	if len(n.status.Active) > 0 {
		n.wakeAt(n.seen.now.Add(liveEvery))
	}
	if n.seen.starting {
		n.wake = n.seen.now // within a second: see startingFor
	}
	for _, job := range n.waiting {
		n.status.Active = append(n.status.Active, activeRun(job))
		n.wakeAt(endOf(job).LastTransitionTime.Add(podGrace))
	}
	if n.failure != nil {
		return
	}
	if job := n.todo.catchUp.job; job != nil {
		n.status.Active = append(n.status.Active, activeRun(job))
	}
	if job := n.todo.runNow.job; job != nil {
		n.status.Active = append(n.status.Active, activeRun(job))
	}
}

func (n *statusBuilder) setTimes() {
	n.setLastScheduleTime()
	if n.failure != nil && !n.todo.unmade {
		return // the CronJob is as it was
	}
	n.status.NextScheduleTime, n.status.NextScheduleTimes, n.status.NextRun = nil, nil, nextStalled
	if n.todo.resolved == nil {
		return
	}
	s := n.todo.resolved.Schedule
	n.status.Schedule, n.status.TimeZone, n.status.Description = s.Cron, s.TimeZone, s.Sentence()
	n.status.ScheduledSince = &n.todo.since
	n.setMissed()
	switch {
	case n.seen.schedule.Spec.Suspend:
		n.status.NextRun = nextSuspended
	case n.todo.stopped:
		n.status.NextRun = nextStopped
	default:
		n.setNextTime()
	}
}

func (n *statusBuilder) setLastScheduleTime() {
	if n.todo.isForeign() || n.seen.cronJob == nil {
		return
	}
	fired, last := timeOf(n.seen.cronJob.Status.LastScheduleTime), timeOf(n.status.LastScheduleTime)
	if n.failure == nil {
		fired = latest(fired, n.todo.catchUp.slot)
	}
	if fired.After(last) {
		n.status.LastScheduleTime = new(metav1.NewTime(fired.UTC()))
	}
}

func (n *statusBuilder) setNextTime() {
	s, from := n.todo.resolved.Schedule, n.seen.now
	if n.todo.heldTo.After(from) {
		from = n.todo.heldTo
		n.wakeAt(from)
	}
	n.wakeAt(n.todo.settles)
	upcoming := s.Upcoming(from, n.anchor(), shownTimes)
	if len(upcoming) == 0 {
		n.status.NextRun = "never"
		return
	}
	at := upcoming[0]
	n.wakeAt(at)
	if n.seen.holders.oneNode {
		n.wakeAt(at.Add(-holdersFor))
	}
	for _, t := range upcoming {
		n.status.NextScheduleTimes = append(n.status.NextScheduleTimes, metav1.NewTime(t.UTC()))
	}
	n.status.NextScheduleTime = new(metav1.NewTime(at.UTC()))
	n.status.NextRun = at.In(s.Location()).Format("2006-01-02 15:04 MST")
}

// anchor is what a period counts from, by the CronJob that stands there now.
func (n *statusBuilder) anchor() time.Time {
	if !n.todo.made.IsZero() {
		return n.todo.made
	}
	return anchor(n.seen)
}

// progress is how far the first run under way is that tells.
func (n *statusBuilder) progress() string {
	for _, run := range n.status.Active {
		if run.Progress != nil {
			return run.Run + ": " + sentence(run.Progress)
		}
	}
	return ""
}

// setMessage is the present state in a sentence: the gravest of what is wrong, else how far a run is, else what the
// last one said.
func (n *statusBuilder) setMessage() {
	n.status.Message = ""
	switch {
	case n.isTrue(v1alpha1.ConditionStalled):
		n.status.Message = n.condition(v1alpha1.ConditionStalled).Message
	case n.failure != nil:
		n.status.Message = n.condition(v1alpha1.ConditionReady).Message
	case n.isTrue(v1alpha1.ConditionRunBlocked):
		n.status.Message = n.condition(v1alpha1.ConditionRunBlocked).Message
	case n.todo.runNow.problem != "":
		n.status.Message = n.todo.runNow.problem
	case n.todo.runNow.waits != "":
		n.status.Message = waiting(n.todo.runNow)
	case n.isTrue(v1alpha1.ConditionOverdue):
		n.status.Message = n.condition(v1alpha1.ConditionOverdue).Message
	case n.todo.throttle.problem != "":
		n.status.Message = n.todo.throttle.problem
	case n.progress() != "":
		n.status.Message = n.progress()
	case n.status.LastRun != nil:
		n.status.Message = n.status.LastRun.Message
	default:
		n.status.Message = notStarted(n.todo.runNow)
	}
}
