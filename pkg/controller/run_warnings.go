package controller

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// notedWarnings is how many warnings of a run an Event quotes.
const notedWarnings = 3

// eventsOfWarnings are about the warnings of the last run, where it is new.
func eventsOfWarnings(before, after v1alpha1.MaintenanceScheduleStatus) (all []event) {
	for _, run := range newRuns(before, after) {
		if run.WarningCount == 0 {
			continue
		}
		note := fmt.Sprintf("%s has %d warnings", run.Run, run.WarningCount)
		if last := after.LastRun; last != nil && last.Run == run.Run { // of the others only the number is kept
			note += ": " + strings.Join(last.Warnings[:min(len(last.Warnings), notedWarnings)], "; ")
		}
		all = append(all, event{corev1.EventTypeWarning, v1alpha1.EventRunWarned, "Run", note})
	}
	return all
}

// lastWarnings is the number of warnings of the last run that was not a dry run.
func lastWarnings(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
	last := lastRealRun(&ms.Status)
	if last == nil {
		return 0, false
	}
	return float64(last.WarningCount), true
}
