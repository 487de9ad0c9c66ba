package controller

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// Metrics are the figures of all schedules. They are read from the stored status when somebody asks, so that they are
// right after a restart and gone with their schedule.
type Metrics struct {
	reader  client.Reader
	elected <-chan struct{}
	shown   *shown // nil: the reader is asked
}

// NewMetrics reads schedules from reader, once this process is the one that works.
func NewMetrics(reader client.Reader, elected <-chan struct{}) *Metrics {
	return &Metrics{reader: reader, elected: elected}
}

// Family is one metric: a figure, or several, of each schedule.
type Family struct {
	Name, Help, Kind string   // Kind is gauge or counter
	Labels           []string // beside those that say which schedule
	each             func(*v1alpha1.MaintenanceSchedule, emit)
}

// emit tells a figure, with the values of the family's labels.
type emit func(value float64, labels ...string)

// gauge is one figure of a schedule; no value means that it does not apply.
func gauge(name, help string, value func(*v1alpha1.MaintenanceSchedule) (float64, bool)) Family {
	each := func(ms *v1alpha1.MaintenanceSchedule, tell emit) {
		if v, ok := value(ms); ok {
			tell(v)
		}
	}
	return Family{Name: "maintenance_schedule_" + name, Help: help, Kind: "gauge", each: each}
}

// ScheduleLabels say which schedule a figure is about. "namespace" would be the scraped pod's: Prometheus sets it.
func ScheduleLabels() []string { return []string{"schedule", "schedule_namespace", "task"} }

// Families are all metrics of schedules, in the order in which they are told.
func Families() []Family {
	runs := Family{"maintenance_runs_total",
		"Runs that ended, since the schedule was made. Dry runs do not count.", "counter", []string{"outcome"}, endedRuns}
	return append(append([]Family{runs}, gauges()...),
		Family{"maintenance_schedule_condition",
			"1 if the condition is True: Ready, Stalled, LastRunSucceeded, Overdue, RunBlocked, Idle.",
			"gauge", []string{"reason", "type"}, conditions},
		Family{"maintenance_schedule_missed_runs_total",
			"Scheduled runs that did not take place, by reason.",
			"counter", []string{"reason"}, missedRuns},
		Family{"maintenance_schedule_last_run_count",
			"The figures of the last run that was not a dry run, such as filesChecked, and bytes where the name says so.",
			"gauge", []string{"count"}, lastCounts},
		Family{"maintenance_schedule_last_run",
			"1 for the outcome of the last run that was not a dry run, 0 for the others.",
			"gauge", []string{"outcome"}, lastOutcome})
}

func gauges() []Family {
	return []Family{
		gauge("created_timestamp_seconds", "When the schedule was made.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) { return seconds(&ms.CreationTimestamp), true }),
		gauge("next_run_timestamp_seconds", "When the next scheduled run is due; 0 where none is.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
				return seconds(ms.Status.NextScheduleTime), true
			}),
		gauge("last_run_timestamp_seconds", "When a run last ended, however; 0 before the first. Dry runs do not count.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) { return seconds(lastEnd(ms)), true }),
		gauge("last_success_timestamp_seconds", "When a run last ended well; 0 before the first. Dry runs do not count.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
				return seconds(ms.Status.LastSuccessfulTime), true
			}),
		gauge("last_failure_timestamp_seconds",
			"When a run last ended as Failed, Partial or Refused; 0 before the first. Dry runs do not count.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
				return seconds(ms.Status.LastFailureTime), true
			}),
		gauge("last_run_duration_seconds", "How long the last run took that was not a dry run.", lastDuration),
		gauge("last_run_warnings", "Warnings of the last run that was not a dry run.", lastWarnings),
		gauge("consecutive_failures", "Runs in a row that ended as Failed, Partial or Refused. Dry runs do not count.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
				return float64(ms.Status.ConsecutiveFailures), true
			}),
		gauge("active_runs", "Runs under way.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) { return float64(len(ms.Status.Active)), true }),
		gauge("active_run_start_timestamp_seconds", "When the oldest run under way started; 0 where none is.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) { return seconds(firstStart(ms)), true }),
		gauge("active_deadline_seconds", "How long a run may take: spec.activeDeadline.", activeDeadline),
		gauge("overdue", "1 if a run should have started and did not.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
				return truth(meta.IsStatusConditionTrue(ms.Status.Conditions, v1alpha1.ConditionOverdue)), true
			}),
		gauge("suspended", "1 if spec.suspend is true.",
			func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) { return truth(ms.Spec.Suspend), true }),
	}
}

func conditions(ms *v1alpha1.MaintenanceSchedule, tell emit) {
	for _, c := range ms.Status.Conditions {
		tell(truth(c.Status == metav1.ConditionTrue), c.Reason, c.Type)
	}
}

// allOutcomes are all that a run may end with. A counter begins at 0, with the first look at a schedule: one that is
// born with its first event has no increase.
func allOutcomes() []report.Outcome {
	return []report.Outcome{report.Succeeded, report.Partial, report.Failed, report.Refused, report.Skipped, report.Paused,
		v1alpha1.OutcomeUnknown}
}

func endedRuns(ms *v1alpha1.MaintenanceSchedule, tell emit) {
	for _, outcome := range allOutcomes() {
		tell(float64(ms.Status.EndedRuns[string(outcome)]), string(outcome))
	}
}

func missedRuns(ms *v1alpha1.MaintenanceSchedule, tell emit) {
	for _, reason := range v1alpha1.MissedReasons() {
		tell(float64(ms.Status.MissedRuns[reason]), reason)
	}
}

func lastCounts(ms *v1alpha1.MaintenanceSchedule, tell emit) {
	last := lastRealRun(&ms.Status)
	if last == nil {
		return
	}
	for _, count := range slices.Sorted(maps.Keys(last.Counts)) {
		tell(float64(last.Counts[count]), count)
	}
}

func lastOutcome(ms *v1alpha1.MaintenanceSchedule, tell emit) {
	last := lastRealRun(&ms.Status)
	if last == nil {
		return
	}
	for _, outcome := range allOutcomes() {
		tell(truth(last.Outcome == string(outcome)), string(outcome))
	}
}

func lastDuration(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
	last := lastRealRun(&ms.Status)
	if last == nil {
		return 0, false
	}
	took, err := time.ParseDuration(last.Duration)
	return took.Seconds(), err == nil && took >= 0
}

func activeDeadline(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
	if ms.Spec.ActiveDeadline == nil { // the API server has a default
		return 0, false
	}
	return ms.Spec.ActiveDeadline.Seconds(), true
}

func lastEnd(ms *v1alpha1.MaintenanceSchedule) *metav1.Time {
	last := lastRealRun(&ms.Status)
	if last == nil {
		return nil
	}
	return last.FinishedAt
}

func firstStart(ms *v1alpha1.MaintenanceSchedule) (first *metav1.Time) {
	for _, run := range ms.Status.Active {
		if run.StartedAt != nil && (first == nil || run.StartedAt.Before(first)) {
			first = run.StartedAt
		}
	}
	return first
}

func seconds(at *metav1.Time) float64 {
	if at == nil {
		return 0
	}
	return float64(at.Unix())
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
