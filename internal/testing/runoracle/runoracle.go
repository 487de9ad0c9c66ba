// Package runoracle is told what really happened to each run of a schedule, and says where the schedule's status tells
// something else. It must not learn anything from what it judges.
package runoracle

import (
	"fmt"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// Oracle is the truth about the runs of one schedule, whose history forgets none of them. Its zero value knows of no
// run.
type Oracle struct {
	begun   []string
	outcome map[string]report.Outcome // of those that ended
	deleted map[string]bool
}

// Begins says that a run has a Job.
func (o *Oracle) Begins(run string) { o.begun = append(o.begun, run) }

// Ends says how a run ended.
func (o *Oracle) Ends(run string, outcome report.Outcome) {
	if o.outcome == nil {
		o.outcome = map[string]report.Outcome{}
	}
	o.outcome[run] = outcome
}

// Loses says that the Job of a run is deleted: how the run ended may never become known.
func (o *Oracle) Loses(run string) {
	if o.deleted == nil {
		o.deleted = map[string]bool{}
	}
	o.deleted[run] = true
}

// Begun is how many runs there have been.
func (o *Oracle) Begun() int { return len(o.begun) }

// Kept are the runs that ended and whose Jobs are still there, the oldest first.
func (o *Oracle) Kept() (runs []string) {
	for _, run := range o.begun {
		if o.outcome[run] != "" && !o.deleted[run] {
			runs = append(runs, run)
		}
	}
	return runs
}

// Differences are what a status says that is not so, once all is quiet: each run is in the history once, as it was, or
// as Unknown where nobody can know.
func (o *Oracle) Differences(status v1alpha1.MaintenanceScheduleStatus) (differences []string) {
	add := func(format string, args ...any) { differences = append(differences, fmt.Sprintf(format, args...)) }
	times := map[string]int{}
	for _, run := range status.History {
		times[run.Run]++
		if !o.isTrue(run) {
			add("%s is %s/%s, and was %q", run.Run, run.Outcome, run.Reason, o.outcome[run.Run])
		}
	}
	for _, run := range o.begun {
		if times[run] > 1 || times[run] == 0 && !o.deleted[run] {
			add("%s is %d times in the history", run, times[run])
		}
	}
	if len(status.Active) > 0 {
		add("%+v are active", status.Active)
	}
	if want := failuresInARow(status.History); status.ConsecutiveFailures != want {
		add("%d failures in a row, and the history has %d", status.ConsecutiveFailures, want)
	}
	return append(differences, counts(status)...)
}

// isTrue tells whether a run is shown as it was, or as one of which nobody can know: its Job is gone, or was seen to
// end when its pod was gone.
func (o *Oracle) isTrue(run v1alpha1.RunSummary) bool {
	lost := run.Outcome == v1alpha1.OutcomeUnknown || run.Reason == v1alpha1.RunReasonPodGone
	return o.outcome[run.Run] != "" && run.Outcome == string(o.outcome[run.Run]) || lost && o.deleted[run.Run]
}

// counts compares what is counted with the history: the runs that ended, by outcome, and the scheduled ones that said
// that they did nothing.
func counts(status v1alpha1.MaintenanceScheduleStatus) (differences []string) {
	ended, missed := map[string]int64{}, map[string]int64{}
	for _, run := range status.History {
		if !run.DryRun {
			ended[run.Outcome]++
		}
		if run.Outcome == string(report.Skipped) && run.Trigger == v1alpha1.TriggerScheduled {
			missed[run.Reason]++
		}
	}
	// A map is printed in the order of its keys.
	if fmt.Sprint(missed) != fmt.Sprint(status.MissedRuns) {
		differences = append(differences, fmt.Sprintf("missed are %v, and the history has %v", status.MissedRuns, missed))
	}
	if fmt.Sprint(ended) != fmt.Sprint(status.EndedRuns) {
		differences = append(differences, fmt.Sprintf("ended are %v, and the history has %v", status.EndedRuns, ended))
	}
	return differences
}

func failuresInARow(history []v1alpha1.RunSummary) (n int32) {
	for _, run := range history {
		switch report.Outcome(run.Outcome) {
		case report.Succeeded, report.Paused:
			return n
		case report.Failed, report.Partial, report.Refused:
			n++
		}
	}
	return n
}
