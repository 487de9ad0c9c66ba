package controller

import (
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/runnow"
)

// runNow is what becomes of the annotation.
type runNow struct {
	order   v1alpha1.RunOrder // as status shows it, once job is made
	job     *batchv1.Job      // the Job to create, or nil
	waits   string            // the active run that it waits for, or ""
	problem string            // why it starts nothing until somebody changes it, or ""
}

// decideRunNow makes a Job for each order, once, and not while another run is under way. It does so while the schedule
// is suspended, too: a person asked. Resolved is nil where the schedule cannot work: the order waits.
func decideRunNow(seen observation, resolved *cronjob.Resolved) runNow {
	order, problem := decideOrder(seen)
	switch {
	case problem != "":
		return runNow{order: order, problem: problem}
	case order.State != v1alpha1.OrderWaiting || resolved == nil:
		return runNow{order: order}
	}
	name, made := manualRun(seen, order.Value)
	if !made {
		if active := seen.activeRuns(); len(active) > 0 {
			return runNow{order: order, waits: active[0].Run}
		}
	}
	order.State, order.Run = v1alpha1.OrderStarted, name
	if made {
		return runNow{order: order}
	}
	return runNow{order: order, job: resolved.ManualJob(name, order.Value, order.DryRun)}
}

// decideOrder reads the annotation: a new order is one that the last look did not see. What is there when the schedule
// is first seen was restored, copied or applied with it, and is no order.
func decideOrder(seen observation) (order v1alpha1.RunOrder, problem string) {
	ms, value := seen.schedule, seen.schedule.Annotations[v1alpha1.AnnotationRunNow]
	last := lastOrder(ms)
	now := v1alpha1.RunOrder{UID: ms.UID, Value: value,
		DryRunAnnotation: ms.Annotations[v1alpha1.AnnotationRunNowDryRun] == "true"}
	switch {
	case isFirstSeen(ms):
		if value != "" {
			now.State = v1alpha1.OrderNoted
		}
		return now, ""
	case value == "" && isOpen(last):
		last.State = v1alpha1.OrderWithdrawn
		fallthrough
	case value == "", value == last.Value && isDone(last):
		last.DryRunAnnotation = now.DryRunAnnotation
		return last, ""
	}
	plan, err := isPlan(ms, last)
	if err != nil {
		now.State = v1alpha1.OrderRejected
		return now, "run-now starts nothing: " + err.Error()
	}
	now.State, now.DryRun = v1alpha1.OrderWaiting, plan
	return now, ""
}

// lastOrder is what status holds. A status that an older version wrote has only the value that started a run.
func lastOrder(ms *v1alpha1.MaintenanceSchedule) v1alpha1.RunOrder {
	switch {
	case ms.Status.LastOrder != nil:
		return *ms.Status.LastOrder
	case ms.Status.RunNow != "":
		return v1alpha1.RunOrder{UID: ms.UID, Value: ms.Status.RunNow, State: v1alpha1.OrderStarted}
	}
	return v1alpha1.RunOrder{UID: ms.UID}
}

// isFirstSeen tells whether the status is not about this schedule: it is empty, or was restored or copied from another
// one.
func isFirstSeen(ms *v1alpha1.MaintenanceSchedule) bool {
	if ms.Status.LastOrder == nil {
		return ms.Status.ObservedGeneration <= 0
	}
	return ms.Status.LastOrder.UID != ms.UID
}

// isOpen tells whether an order may still start a run.
func isOpen(order v1alpha1.RunOrder) bool {
	return order.State == v1alpha1.OrderWaiting || order.State == v1alpha1.OrderRejected
}

// isDone tells whether an order starts nothing more. One that was withdrawn may be given again.
func isDone(order v1alpha1.RunOrder) bool {
	return order.State == v1alpha1.OrderStarted || order.State == v1alpha1.OrderNoted
}

// isPlan tells whether an order only plans. Nothing that is changed while it waits makes a plan into a real run:
// neither spec.dryRun nor the old annotation, nor the removal of that together with a new value.
func isPlan(ms *v1alpha1.MaintenanceSchedule, last v1alpha1.RunOrder) (bool, error) {
	value := ms.Annotations[v1alpha1.AnnotationRunNow]
	order, err := runnow.Parse(value)
	if err != nil {
		return false, err
	}
	wasPlan := last.Value == value && last.State == v1alpha1.OrderWaiting && last.DryRun
	if order.Plan || wasPlan {
		return true, nil
	}
	word, given := ms.Annotations[v1alpha1.AnnotationRunNowDryRun]
	switch {
	case order.Named:
		return ms.Spec.DryRun || word == "true", nil
	case !given:
		return ms.Spec.DryRun || last.DryRunAnnotation && last.Value != value, nil
	case word == "true" || word == "false":
		return word == "true", nil
	}
	return false, fmt.Errorf("the annotation %s is %q; write \"true\" or \"false\", "+
		"or remove it and write plan:TOKEN into %s",
		v1alpha1.AnnotationRunNowDryRun, word, v1alpha1.AnnotationRunNow)
}

// manualRun is the name of the run that an order makes, and whether it is there: made before a crash, or before its
// status was stored. A value that comes again, after another one, is a new order: its first run is one that status
// knows.
func manualRun(seen observation, value string) (name string, made bool) {
	for again := 0; ; again++ {
		name = cronjob.ManualJobName(seen.schedule, value, again)
		at := slices.IndexFunc(seen.jobs, func(job batchv1.Job) bool { return job.Name == name })
		recorded := at >= 0 && endOf(&seen.jobs[at]) != nil &&
			isRecorded(&seen.schedule.Status, historyLimit(seen.schedule), &seen.jobs[at])
		if !recorded && !isKnown(seen.schedule.Status, name) {
			return name, at >= 0
		}
	}
}

// isKnown tells whether status holds a run of that name.
func isKnown(status v1alpha1.MaintenanceScheduleStatus, name string) bool {
	return slices.ContainsFunc(status.Active, func(run v1alpha1.ActiveRun) bool { return run.Run == name }) ||
		slices.ContainsFunc(status.History, func(run v1alpha1.RunSummary) bool { return run.Run == name })
}

// setOrder shows what became of the order.
func (n *statusBuilder) setOrder() {
	order := n.todo.runNow.order
	if n.failure != nil && n.todo.runNow.job != nil { // it was not made
		order.State, order.Run = v1alpha1.OrderWaiting, ""
	}
	if order.State == v1alpha1.OrderStarted {
		n.status.RunNow = order.Value
	}
	n.status.LastOrder = &order
}

// notStarted says why an order starts nothing; empty: it starts something, or there is none.
func notStarted(run runNow) string {
	switch {
	case run.problem != "":
		return run.problem
	case run.order.State == v1alpha1.OrderNoted:
		return fmt.Sprintf("run-now was %q when the controller first saw this schedule, and starts nothing: "+
			"give it another value to run once", run.order.Value)
	}
	return ""
}

// isNews tells whether the stored status does not show that order in that state.
func isNews(ms *v1alpha1.MaintenanceSchedule, order v1alpha1.RunOrder) bool {
	last := ms.Status.LastOrder
	return last == nil || last.UID != order.UID || last.Value != order.Value || last.State != order.State
}
