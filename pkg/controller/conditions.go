package controller

import (
	"cmp"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

func (n *statusBuilder) setConditions() {
	n.setReady()
	n.setBlocked()
	n.setOverdue()
	n.setIdleUnknown()
}

func (n *statusBuilder) set(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(&n.status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: sentenceOf(message),
		ObservedGeneration: n.seen.schedule.Generation, LastTransitionTime: n.at(),
	})
}

func (n *statusBuilder) remove(kind string) { meta.RemoveStatusCondition(&n.status.Conditions, kind) }

func (n *statusBuilder) condition(kind string) *metav1.Condition {
	return meta.FindStatusCondition(n.status.Conditions, kind)
}

func (n *statusBuilder) isTrue(kind string) bool {
	return meta.IsStatusConditionTrue(n.status.Conditions, kind)
}

// setReady sets Ready, and Stalled with it.
func (n *statusBuilder) setReady() {
	if problem := n.todo.problem; problem != nil {
		n.set(v1alpha1.ConditionStalled, metav1.ConditionTrue, problem.Reason, problem.Message)
		n.set(v1alpha1.ConditionReady, metav1.ConditionFalse, problem.Reason, problem.Message)
		return
	}
	if n.todo.stopped {
		message := fmt.Sprintf("%d runs in a row did not succeed, and spec.suspendAfterFailures allows %d: "+
			"mend what the last one says, then run it once with %s; a run that succeeds starts the schedule again",
			n.status.ConsecutiveFailures, *n.seen.schedule.Spec.SuspendAfterFailures, v1alpha1.AnnotationRunNow)
		n.set(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonTooManyFailures, message)
		n.set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonTooManyFailures, message)
		return
	}
	n.remove(v1alpha1.ConditionStalled)
	switch {
	case n.todo.unmade:
		n.set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRunNotMade, n.failure.Error())
	case n.failure != nil:
		n.set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonApplyFailed, n.failure.Error())
	case n.seen.schedule.Spec.Suspend:
		n.set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended,
			"suspended by spec.suspend; run-now still works")
	case !n.todo.heldTo.IsZero():
		n.set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInitialDelay,
			"held by spec.initialDelay until "+n.todo.heldTo.UTC().Format(time.RFC3339))
	default:
		n.set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInSync, "the CronJob is as the spec says")
	}
}

func (n *statusBuilder) setBlocked() {
	found, again := n.seen.startObstacle()
	n.wakeAt(again)
	if found == nil {
		n.remove(v1alpha1.ConditionRunBlocked)
		return
	}
	n.set(v1alpha1.ConditionRunBlocked, metav1.ConditionTrue, found.reason, found.message)
}

func (n *statusBuilder) setOverdue() {
	if n.todo.resolved == nil || n.status.NextScheduleTime == nil || n.status.ScheduledSince == nil ||
		!n.todo.heldTo.IsZero() {
		n.set(v1alpha1.ConditionOverdue, metav1.ConditionFalse, v1alpha1.ReasonNotScheduled,
			"no run can be late: the schedule is suspended, held, stalled or not applied")
		return
	}
	limit, late := n.lateSince()
	if n.seen.now.Before(limit) {
		n.wakeAt(limit)
		n.set(v1alpha1.ConditionOverdue, metav1.ConditionFalse, v1alpha1.ReasonOnTime, "no run is late")
		return
	}
	n.set(v1alpha1.ConditionOverdue, metav1.ConditionTrue, late.reason, late.message)
}

func (n *statusBuilder) setIdleUnknown() {
	switch {
	case n.seen.schedule.Spec.Idle == nil:
		n.remove(v1alpha1.ConditionIdle)
	case n.condition(v1alpha1.ConditionIdle) == nil:
		n.set(v1alpha1.ConditionIdle, metav1.ConditionUnknown, v1alpha1.ReasonNeverRun, "no run has looked yet")
	}
}

// setConditionsOfRun keeps what a run says for as long as no later run says otherwise. A skipped run says nothing about
// success, a dry run neither, and one that failed nothing about idleness.
func (n *statusBuilder) setConditionsOfRun(run v1alpha1.RunResult) {
	message := fmt.Sprintf("%s: %s", run.Run, cmp.Or(run.Message, run.Outcome))
	succeeded := func(status metav1.ConditionStatus, reason string) {
		if !run.DryRun {
			n.set(v1alpha1.ConditionLastRunSucceeded, status, cmp.Or(run.Reason, reason), message)
		}
	}
	idle := func(status metav1.ConditionStatus, reason string) {
		if n.seen.schedule.Spec.Idle != nil {
			n.set(v1alpha1.ConditionIdle, status, reason, message)
		}
	}
	busy := run.Reason == string(report.ReasonNotIdle)
	switch report.Outcome(run.Outcome) {
	case report.Paused:
		succeeded(metav1.ConditionTrue, v1alpha1.ReasonRunSucceeded)
		if busy {
			idle(metav1.ConditionFalse, v1alpha1.ReasonNotIdle)
		}
	case report.Succeeded:
		succeeded(metav1.ConditionTrue, v1alpha1.ReasonRunSucceeded)
		idle(metav1.ConditionTrue, v1alpha1.ReasonFoundIdle)
	case report.Partial, report.Refused:
		succeeded(metav1.ConditionFalse, v1alpha1.ReasonRunFailed)
		idle(metav1.ConditionTrue, v1alpha1.ReasonFoundIdle)
	case report.Failed:
		succeeded(metav1.ConditionFalse, v1alpha1.ReasonRunFailed)
	case v1alpha1.OutcomeUnknown:
		succeeded(metav1.ConditionUnknown, v1alpha1.RunReasonJobDeleted)
	case report.Skipped:
		if busy {
			idle(metav1.ConditionFalse, v1alpha1.ReasonNotIdle)
		}
	}
}
