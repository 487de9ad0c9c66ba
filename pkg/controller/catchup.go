package controller

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/schedule"
)

// catchUp is a slot at which the CronJob does not fire, since the clocks skipped what it names; the controller makes
// its run.
type catchUp struct {
	slot time.Time    // zero: there is none
	job  *batchv1.Job // the Job to create; nil where it is there already
}

// decideCatchUp makes a Job of the very name that the CronJob controller would give it, so that there can be no second
// one. It is late by as much as any run may be; while another run is under way it waits.
func decideCatchUp(seen observation, d decision) catchUp {
	if d.isOff(seen) {
		return catchUp{}
	}
	s := d.resolved.Schedule
	slot := s.LastSkipped(latest(seen.now.Add(-s.Tolerance()), d.since.Time, lastDealtWith(seen)), seen.now)
	if slot.IsZero() {
		return catchUp{}
	}
	name := schedule.SlotName(seen.schedule.Name, slot)
	for i := range seen.jobs {
		if seen.jobs[i].Name == name { // made before a crash
			return catchUp{slot: slot}
		}
	}
	if len(seen.activeRuns()) > 0 {
		return catchUp{}
	}
	return catchUp{slot: slot, job: d.resolved.SlotJob(slot)}
}

// isOff tells whether no scheduled run may start now.
func (d decision) isOff(seen observation) bool {
	return seen.schedule.Spec.Suspend || d.stopped || !d.heldTo.IsZero()
}

// lastDealtWith is the last slot that fired, was made up for, or was counted as missed.
func lastDealtWith(seen observation) time.Time {
	status := seen.schedule.Status
	at := latest(timeOf(status.LastScheduleTime), timeOfMissed(status.LastMissed))
	if seen.cronJob != nil {
		at = latest(at, timeOf(seen.cronJob.Status.LastScheduleTime))
	}
	return at
}

func timeOf(at *metav1.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.Time
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
