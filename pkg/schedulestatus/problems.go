package schedulestatus

import (
	"cmp"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Seen tells whether the controller has seen the present spec.
func Seen(ms *v1alpha1.MaintenanceSchedule) bool {
	return ms.Status.ObservedGeneration == ms.Generation
}

// Ready is the status of the condition Ready, where it is about the present spec; else a dash.
func Ready(ms *v1alpha1.MaintenanceSchedule) string {
	c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionReady)
	if c == nil || !Seen(ms) {
		return "-"
	}
	return string(c.Status)
}

// Condition is the condition of that type, if it is True.
func Condition(ms *v1alpha1.MaintenanceSchedule, kind string) *metav1.Condition {
	c := meta.FindStatusCondition(ms.Status.Conditions, kind)
	if c == nil || c.Status != metav1.ConditionTrue {
		return nil
	}
	return c
}

// Problems are what keeps a schedule from running, or from running well, gravest first.
func Problems(ms *v1alpha1.MaintenanceSchedule) (why []string) {
	if !Seen(ms) {
		why = append(why, "not seen by the controller yet: does it run, and does it look at this namespace?")
	}
	for _, kind := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionRunBlocked, v1alpha1.ConditionOverdue} {
		if c := Condition(ms, kind); c != nil {
			why = append(why, fmt.Sprintf("%s, %s: %s", kind, c.Reason, c.Message))
		}
	}
	if c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionReady); c != nil && IsUnapplied(c.Reason) {
		why = append(why, fmt.Sprintf("not ready, %s: %s", c.Reason, c.Message))
	}
	if ms.Spec.Suspend {
		why = append(why, "Suspended: "+cmp.Or(ms.Annotations[v1alpha1.AnnotationSuspendReason],
			"nobody said why; kubectl maint resume "+ms.Name+" starts it again"))
	}
	return append(why, Failure(ms)...)
}

// IsUnapplied tells whether the reason of Ready says that the API server did not take the CronJob or a Job.
func IsUnapplied(reason string) bool {
	return reason == v1alpha1.ReasonApplyFailed || reason == v1alpha1.ReasonRunNotMade
}

// Failure is what the last run said, if it did not end well.
func Failure(ms *v1alpha1.MaintenanceSchedule) []string {
	c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionLastRunSucceeded)
	if c == nil || c.Status != metav1.ConditionFalse {
		return nil
	}
	if c.Reason == v1alpha1.ReasonRunFailed {
		return []string{c.Message}
	}
	return []string{c.Reason + ": " + c.Message}
}
