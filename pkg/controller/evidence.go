package controller

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/schedule"
)

// While the controller is away, Jobs come and go: the CronJob controller deletes ended ones beyond its history limits.
// A time of the schedule is therefore judged by everything that is left of its run, and where nothing is left although
// something may have been, it counts as Unknown: never as a run that did not take place.

// fired tells whether the run of a slot is known: by its Job, by the status, or by the CronJob.
func (n *statusBuilder) fired(slot time.Time) bool {
	name := schedule.SlotName(n.seen.schedule.Name, slot)
	hasName := func(run string) bool { return run == name }
	return slices.ContainsFunc(n.seen.jobs, func(job batchv1.Job) bool { return hasName(job.Name) }) ||
		slices.ContainsFunc(n.status.History, func(run v1alpha1.RunSummary) bool { return hasName(run.Run) }) ||
		slices.ContainsFunc(n.status.Active, func(run v1alpha1.ActiveRun) bool { return hasName(run.Run) }) ||
		n.seen.cronJob != nil && timeOf(n.seen.cronJob.Status.LastScheduleTime).Equal(slot) ||
		timeOf(n.status.LastScheduleTime).Equal(slot)
}

// missSlot counts a slot of which no run is known.
func (n *statusBuilder) missSlot(slot time.Time) {
	if n.mayBeDeleted(slot) {
		n.miss(slot, v1alpha1.MissedUnknown,
			"the controller was away, and Jobs of that time have been deleted since: "+
				"whether the run took place is unknown", 1)
		return
	}
	if run := n.runAt(slot); run != "" {
		n.miss(slot, v1alpha1.MissedOverlap, fmt.Sprintf("the run %s was still under way", run), 1)
		return
	}
	n.miss(slot, v1alpha1.MissedNoJob, "no Job was made in time: see the Events of the CronJob, "+
		"and whether the kube-controller-manager runs", 1)
}

// mayBeDeleted tells whether a slot may have had a Job that is gone: as many later ones of a kind have ended as the
// CronJob keeps, or the Job of another run of that time was deleted unseen.
func (n *statusBuilder) mayBeDeleted(slot time.Time) bool {
	for _, run := range n.status.History {
		if run.Outcome == v1alpha1.OutcomeUnknown && !slot.Before(slotOf(run.Run, run.StartedAt)) &&
			slot.Before(run.FinishedAt.Time) {
			return true
		}
	}
	if n.seen.cronJob == nil {
		return false
	}
	good, bad := n.seen.endedAfter(slot)
	kept := n.seen.cronJob.Spec
	return good >= keptBy(kept.SuccessfulJobsHistoryLimit, 3) || bad >= keptBy(kept.FailedJobsHistoryLimit, 1)
}

// keptBy is a history limit of a CronJob, with Kubernetes' default.
func keptBy(limit *int32, unset int) int {
	if limit == nil {
		return unset
	}
	return int(*limit)
}

// endedAfter are the Jobs of the CronJob that were made after a slot and have ended, well or not.
func (o observation) endedAfter(slot time.Time) (good, bad int) {
	for i := range o.jobs {
		job := &o.jobs[i]
		end, owner := endOf(job), metav1.GetControllerOf(job)
		if end == nil || owner == nil || owner.Kind != "CronJob" || !job.CreationTimestamp.After(slot) {
			continue
		}
		if end.Type == batchv1.JobComplete {
			good++
		} else {
			bad++
		}
	}
	return good, bad
}

// runAt is the run that is known to have been under way at that time. Of a run whose end is unknown, nothing is known.
func (n *statusBuilder) runAt(at time.Time) string {
	for _, run := range n.status.Active {
		if run.StartedAt != nil && !run.StartedAt.After(at) {
			return run.Run
		}
	}
	for _, run := range n.status.History {
		known := run.Outcome != v1alpha1.OutcomeUnknown
		if known && run.StartedAt != nil && !run.StartedAt.After(at) && run.FinishedAt.After(at) {
			return run.Run
		}
	}
	return ""
}
