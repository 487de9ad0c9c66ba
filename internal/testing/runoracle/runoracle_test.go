package runoracle

import (
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

func TestTheOracleTellsWhatIsNotTrue(t *testing.T) {
	run := func(name, outcome, reason string) v1alpha1.RunSummary {
		return v1alpha1.RunSummary{Run: name, Outcome: outcome, Reason: reason, Trigger: v1alpha1.TriggerScheduled}
	}
	good, lost := run("good", "Succeeded", ""), run("lost", v1alpha1.OutcomeUnknown, v1alpha1.RunReasonJobDeleted)
	tests := map[string]struct {
		status v1alpha1.MaintenanceScheduleStatus
		wrong  int
	}{
		"all is as it was": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good,
			lost}}, 0},
		"a run that was deleted is forgotten": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good}}, 0},
		"a run is not there":                  {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{lost}}, 1},
		"a run is there twice": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good, good,
			lost}}, 1},
		"a run ended in another way": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{run("good", "Paused",
			"")}}, 1},
		"a run is unknown that could be known": {
			v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{run("good", v1alpha1.OutcomeUnknown, "")}}, 1},
		"a run that was lost has failed": {
			v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good, run("lost", "Failed", "")}}, 1},
		"a run that never was is there": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good,
			run("other", "Succeeded", "")}}, 1},
		"a failure counts that is none": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good},
			ConsecutiveFailures: 1}, 1},
		"a run is under way for ever": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good},
			Active: []v1alpha1.ActiveRun{{Run: "lost"}}}, 1},
		"a run is counted twice": {
			v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good},
				EndedRuns: map[string]int64{"Succeeded": 2}}, 1},
		"a run is missed that is there": {v1alpha1.MaintenanceScheduleStatus{History: []v1alpha1.RunSummary{good},
			MissedRuns: map[string]int64{"Overlap": 1}}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var o Oracle
			o.Begins("good")
			o.Begins("lost")
			o.Ends("good", report.Succeeded)
			o.Ends("lost", report.Partial)
			o.Loses("lost")
			if test.status.EndedRuns == nil {
				test.status.EndedRuns = map[string]int64{}
				for _, run := range test.status.History {
					test.status.EndedRuns[run.Outcome]++
				}
			}
			if got := o.Differences(test.status); len(got) != test.wrong {
				t.Errorf("it tells %q", got)
			}
		})
	}
}
