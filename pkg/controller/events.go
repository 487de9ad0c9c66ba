package controller

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/report"
)

// event is one Event about the schedule.
type event struct{ kind, reason, action, note string }

// maxNote is what the API accepts, in bytes.
const maxNote = 1024

// record tells what happened, after the status that says so is stored.
func (r *Reconciler) record(seen observation, todo decision, status v1alpha1.MaintenanceScheduleStatus, failure error) {
	for _, e := range eventsOf(seen, todo, status, failure) {
		r.Events.Eventf(seen.schedule, nil, e.kind, e.reason, e.action, "%s", ellipsis.CutBytes(e.note, maxNote))
	}
}

// eventsOf is pure: what this reconciliation did, and what is different from the status before.
func eventsOf(seen observation, todo decision, status v1alpha1.MaintenanceScheduleStatus, failure error) (all []event) {
	if failure == nil || todo.unmade {
		all = append(all, eventsOfWrites(todo)...)
	}
	if note := waiting(todo.runNow); note != "" && seen.schedule.Status.Message != note {
		all = append(all, event{corev1.EventTypeNormal, v1alpha1.EventRunWaiting, "RunNow", note})
	}
	if why := notStarted(todo.runNow); why != "" && isNews(seen.schedule, todo.runNow.order) {
		all = append(all, event{corev1.EventTypeWarning, v1alpha1.EventRunNotStarted, "RunNow", why})
	}
	for _, run := range newRuns(seen.schedule.Status, status) {
		all = append(all, eventOfRun(run))
	}
	all = append(all, eventsOfWarnings(seen.schedule.Status, status)...)
	if note := newlyMissed(seen.schedule.Status, status); note != "" {
		all = append(all, event{corev1.EventTypeWarning, v1alpha1.EventRunMissed, "Reconcile", note})
	}
	for kind, reason := range map[string]string{
		v1alpha1.ConditionStalled:    v1alpha1.EventStalled,
		v1alpha1.ConditionRunBlocked: v1alpha1.EventRunBlocked,
		v1alpha1.ConditionOverdue:    v1alpha1.EventOverdue,
	} {
		if note, ok := became(seen.schedule.Status, status, kind); ok {
			all = append(all, event{corev1.EventTypeWarning, reason, "Reconcile", note})
		}
	}
	if todo.resolved != nil && seen.schedule.Status.ObservedGeneration != seen.schedule.Generation {
		for _, note := range todo.resolved.Notes {
			all = append(all, event{corev1.EventTypeWarning, v1alpha1.EventFieldIgnored, "Reconcile", note})
		}
	}
	return all
}

// waiting says what run-now waits for, in status and in the Event; empty: nothing.
func waiting(run runNow) string {
	if run.waits == "" {
		return ""
	}
	return fmt.Sprintf("run-now waits until the run %s has ended", run.waits)
}

func eventsOfWrites(todo decision) (all []event) {
	if todo.reason != "" {
		kind := corev1.EventTypeNormal
		if todo.action == hold {
			kind = corev1.EventTypeWarning
		}
		all = append(all, event{kind, todo.reason, "Reconcile", noteOfAction(todo)})
	}
	if todo.unmade {
		return all
	}
	if job := todo.catchUp.job; job != nil {
		all = append(all, event{corev1.EventTypeNormal, v1alpha1.EventRunStarted, "Reconcile",
			fmt.Sprintf("the clocks skipped a time of the schedule: made the Job %s for it", job.Name)})
	}
	if job := todo.runNow.job; job != nil {
		all = append(all, event{corev1.EventTypeNormal, v1alpha1.EventRunStarted, "RunNow", "run-now made the Job " +
			job.Name})
	}
	return all
}

func noteOfAction(todo decision) string {
	name := todo.cronJob.Name
	switch todo.reason {
	case v1alpha1.EventCronJobRepaired:
		return fmt.Sprintf("the CronJob %s had been changed or deleted, and is again as the schedule says: "+
			"change the MaintenanceSchedule instead", name)
	case v1alpha1.EventCronJobAdopted:
		return fmt.Sprintf("the CronJob %s had no owner, as after a restore of the cluster: "+
			"it is this schedule's again", name)
	case v1alpha1.EventCronJobHeld:
		return fmt.Sprintf("suspended the CronJob %s, which has an older spec, until this one can work", name)
	}
	return fmt.Sprintf("wrote the CronJob %s anew: %s %s",
		name, todo.cronJob.Spec.Schedule, *todo.cronJob.Spec.TimeZone)
}

func eventOfRun(run v1alpha1.RunSummary) event {
	kind := corev1.EventTypeNormal
	switch report.Outcome(run.Outcome) {
	case report.Failed, report.Partial, report.Refused:
		kind = corev1.EventTypeWarning
	}
	result := report.Result{Task: run.Run, Outcome: report.Outcome(run.Outcome), Reason: report.Reason(run.Reason),
		DryRun: run.DryRun, Counts: run.Counts}
	note := result.Line()
	if run.Message != "" {
		note += ": " + run.Message
	}
	return event{kind, v1alpha1.EventRunEnded, "Run", note}
}

// newRuns are those that after holds and before does not.
func newRuns(before, after v1alpha1.MaintenanceScheduleStatus) (runs []v1alpha1.RunSummary) {
	known := map[string]bool{}
	for _, run := range before.History {
		known[run.Run] = true
	}
	for _, run := range after.History {
		if !known[run.Run] {
			runs = append(runs, run)
		}
	}
	return runs
}

// became is the condition's message when it is True and was not, or not for that reason.
func became(before, after v1alpha1.MaintenanceScheduleStatus, kind string) (string, bool) {
	is, was := meta.FindStatusCondition(after.Conditions, kind), meta.FindStatusCondition(before.Conditions, kind)
	if is == nil || is.Status != "True" || was != nil && was.Status == is.Status && was.Reason == is.Reason {
		return "", false
	}
	return is.Message, true
}
