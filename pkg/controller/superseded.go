package controller

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/schedule"
)

// setSuperseded counts what was due by the schedule that the status shows, when that ends: because the schedule goes on
// that was suspended, stopped or stalled, or because it is another one now. What comes into force starts nothing of it.
func (n *statusBuilder) setSuperseded() {
	off := wasOff(n.seen)
	if !isChanged(n.seen, n.todo.resolved) && !(off && isResumed(n.seen)) {
		return
	}
	status := n.seen.schedule.Status
	before, err := schedule.Stored(status.Schedule, status.TimeZone)
	if err != nil { // it was never resolved
		return
	}
	slots := before.Slots(latest(timeOf(status.ScheduledSince), lastStored(n.seen.schedule)), n.seen.now,
		anchor(n.seen), mostSlots)
	slots = slices.DeleteFunc(slots, func(slot time.Time) bool { return n.fired(slot) || n.hasJob(slot) })
	if off {
		n.missSuspended(slots)
		return
	}
	for _, slot := range slots {
		n.missSlot(slot)
	}
}

func (n *statusBuilder) missSuspended(slots []time.Time) {
	if len(slots) > 0 {
		n.miss(slots[len(slots)-1], v1alpha1.MissedSuspended,
			"the schedule was suspended or stalled, or had stopped itself", int64(len(slots)))
	}
}

// hasJob tells whether a Job of that slot is there.
func (n *statusBuilder) hasJob(slot time.Time) bool {
	name := schedule.SlotName(n.seen.schedule.Name, slot)
	return slices.ContainsFunc(n.seen.jobs, func(job batchv1.Job) bool { return job.Name == name })
}
