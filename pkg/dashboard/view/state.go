package view

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/schedulestatus"
)

// State is what a schedule does, or what is wrong with it. Its value is the name of its shape and of its filter.
type State string

// The states, gravest first.
const (
	Stalled   State = "stalled"
	Failed    State = "failed"
	Refused   State = "refused"
	Overdue   State = "overdue"
	Waiting   State = "waiting"
	Running   State = "running"
	NeverRan  State = "never-ran"
	Suspended State = "suspended"
	OK        State = "ok"
)

// States are all, gravest first.
func States() []State {
	return []State{Stalled, Failed, Refused, Overdue, Waiting, Running, NeverRan, Suspended, OK}
}

// Word is the state as people read it.
func (s State) Word() string {
	switch s {
	case OK:
		return "OK"
	case NeverRan:
		return "never ran"
	}
	return string(s)
}

// Known tells whether there is such a state.
func (s State) Known() bool { return slices.Contains(States(), s) }

// Condition is a state with what there is to say about it.
type Condition struct {
	State
	Word   string // the state, or a narrower word, such as "planning" or "partial"
	Detail string // why, or how far; empty where the word says all
}

// ConditionOf decides what a schedule's state is. What happens now comes before what stops it, and that before how it
// ended last.
func ConditionOf(ms *v1alpha1.MaintenanceSchedule) Condition {
	for _, decide := range []func(*v1alpha1.MaintenanceSchedule) (Condition, bool){
		blocked, running, stalled, ordered, suspended, overdue, unapplied, lastRun} {
		if c, ok := decide(ms); ok {
			return c
		}
	}
	return say(NeverRan, "")
}

func say(s State, detail string) Condition {
	return Condition{State: s, Word: s.Word(), Detail: Text(detail)}
}

func blocked(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	c := schedulestatus.Condition(ms, v1alpha1.ConditionRunBlocked)
	if c == nil {
		return Condition{}, false
	}
	return say(Waiting, c.Reason+": "+c.Message), true
}

func running(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	if len(ms.Status.Active) == 0 {
		return Condition{}, false
	}
	c := say(Running, "")
	if ms.Status.Active[0].DryRun || ms.Spec.DryRun {
		c.Word = "planning"
	}
	return c, true
}

func stalled(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	c := schedulestatus.Condition(ms, v1alpha1.ConditionStalled)
	if c == nil || !schedulestatus.Seen(ms) {
		return Condition{}, false
	}
	return say(Stalled, c.Reason+": "+c.Message), true
}

// ordered is a run that somebody asked for and that has not begun.
func ordered(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	request, open := kubectlmaint.OpenRequest(ms)
	if !open {
		return Condition{}, false
	}
	progress := request.Follow(ms)
	return say(Waiting, "a run was requested; it "+cmp.Or(progress.Word, "waits for the controller")),
		progress.Ended == nil && progress.Never == nil
}

func suspended(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	return say(Suspended, cmp.Or(ms.Annotations[v1alpha1.AnnotationSuspendReason], "nobody said why")), ms.Spec.Suspend
}

func overdue(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	c := schedulestatus.Condition(ms, v1alpha1.ConditionOverdue)
	if c == nil {
		return Condition{}, false
	}
	return say(Overdue, c.Reason+": "+c.Message), true
}

// unapplied is a schedule that the controller has not seen as it is, or cannot carry out, or holds.
func unapplied(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	ready := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case !schedulestatus.Seen(ms):
		return say(Waiting, "for the controller, which has not seen it yet"), true
	case ready != nil && schedulestatus.IsUnapplied(ready.Reason):
		return say(Waiting, ready.Reason+": "+ready.Message), true
	case ready != nil && ready.Reason == v1alpha1.ReasonInitialDelay && ms.Status.LastRun == nil:
		return say(Waiting, "until its initial delay is over"), true
	}
	return Condition{}, false
}

// lastRun is how the last run ended that was not skipped.
func lastRun(ms *v1alpha1.MaintenanceSchedule) (Condition, bool) {
	run := lastThatRan(ms)
	if run == nil {
		return Condition{}, false
	}
	switch report.Outcome(run.Outcome) {
	case report.Refused:
		return say(Refused, why(run)), true
	case report.Partial:
		return Condition{State: Failed, Word: "partial", Detail: Text(why(run))}, true
	case report.Failed:
		return say(Failed, why(run)), true
	case report.Paused:
		return say(OK, "paused, "+run.Reason), true
	}
	if run.Outcome == v1alpha1.OutcomeUnknown {
		return Condition{State: Waiting, Word: "unknown", Detail: "nobody saw how the last run ended"}, true
	}
	return say(OK, ""), true
}

// why is what a run says about how it ended.
func why(run *v1alpha1.RunSummary) string {
	if run.Reason == "" || run.Message == "" {
		return run.Reason + run.Message
	}
	return run.Reason + ": " + run.Message
}

// lastThatRan is the last run that began. A dry run counts only where there is no real one: what it found is no
// failure.
func lastThatRan(ms *v1alpha1.MaintenanceSchedule) *v1alpha1.RunSummary {
	var planned *v1alpha1.RunSummary
	for i := range runs(ms) {
		run := &runs(ms)[i]
		switch {
		case report.Outcome(run.Outcome) == report.Skipped:
		case !run.DryRun || ms.Spec.DryRun:
			return run
		case planned == nil:
			planned = run
		}
	}
	if real := ms.Status.LastRealRun; real != nil && report.Outcome(real.Outcome) != report.Skipped {
		return real
	}
	return planned
}

// runs are the runs that ended, latest first; the last one also where a history is not kept.
func runs(ms *v1alpha1.MaintenanceSchedule) []v1alpha1.RunSummary {
	if len(ms.Status.History) == 0 && ms.Status.LastRun != nil {
		return []v1alpha1.RunSummary{ms.Status.LastRun.RunSummary}
	}
	return ms.Status.History
}
