package controller

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// Metrics are the figures of all schedules. The gauges are read from the stored status when somebody asks, so that they are
// right after a restart and gone with their schedule; only the count of runs lives in this process.
type Metrics struct {
	reader  client.Reader
	elected <-chan struct{}
	runs    *prometheus.CounterVec
}

// NewMetrics reads schedules from reader, once this process is the one that works.
func NewMetrics(reader client.Reader, elected <-chan struct{}) *Metrics {
	return &Metrics{reader: reader, elected: elected, runs: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "maintenance_runs_total", Help: "Runs that ended since this controller started, without dry runs.",
	}, append(scheduleLabels[:3:3], "outcome", "reason"))}
}

func (m *Metrics) countRun(ms *v1alpha1.MaintenanceSchedule, run v1alpha1.RunSummary) {
	if run.DryRun {
		return
	}
	m.runs.WithLabelValues(ms.Namespace, ms.Name, taskOf(ms), run.Outcome, run.Reason).Inc()
}

// forget drops the counts of a schedule that is gone.
func (m *Metrics) forget(schedule types.NamespacedName) {
	m.runs.DeletePartialMatch(prometheus.Labels{"schedule_namespace": schedule.Namespace, "schedule": schedule.Name})
}

// gauge is one figure of a schedule; no value means that it does not apply.
type gauge struct {
	desc  *prometheus.Desc
	value func(*v1alpha1.MaintenanceSchedule) (float64, bool)
}

// scheduleLabels say which schedule a figure is about. "namespace" would be the scraped pod's: Prometheus sets it.
var scheduleLabels = []string{"schedule_namespace", "schedule", "task"}

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("maintenance_schedule_"+name, help, scheduleLabels, nil)
}

func gauges() []gauge {
	return []gauge{
		{describe("created_timestamp_seconds", "When the schedule was made."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return seconds(&ms.CreationTimestamp), true
		}},
		{describe("next_run_timestamp_seconds", "When the next scheduled run is due; 0 where none is."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return seconds(ms.Status.NextScheduleTime), true
		}},
		{describe("last_run_timestamp_seconds", "When a run last ended, however; 0 before the first. Dry runs do not count."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return seconds(lastEnd(ms)), true
		}},
		{describe("last_success_timestamp_seconds", "When a run last ended well; 0 before the first. Dry runs do not count."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return seconds(ms.Status.LastSuccessfulTime), true
		}},
		{describe("last_failure_timestamp_seconds", "When a run last ended as Failed, Partial or Refused; 0 before the first. Dry runs do not count."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return seconds(ms.Status.LastFailureTime), true
		}},
		{describe("last_run_duration_seconds", "How long the last run took that was not a dry run."), lastDuration},
		{describe("consecutive_failures", "Runs in a row that ended as Failed, Partial or Refused. Dry runs do not count."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return float64(ms.Status.ConsecutiveFailures), true
		}},
		{describe("active_runs", "Runs under way."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return float64(len(ms.Status.Active)), true
		}},
		{describe("active_run_start_timestamp_seconds", "When the oldest run under way started; 0 where none is."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return seconds(firstStart(ms)), true
		}},
		{describe("active_deadline_seconds", "How long a run may take: spec.activeDeadline."), activeDeadline},
		{describe("overdue", "1 if a run should have started and did not."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return truth(meta.IsStatusConditionTrue(ms.Status.Conditions, v1alpha1.ConditionOverdue)), true
		}},
		{describe("suspended", "1 if spec.suspend is true."), func(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
			return truth(ms.Spec.Suspend), true
		}},
	}
}

var (
	conditionDesc = prometheus.NewDesc("maintenance_schedule_condition",
		"1 if the condition is True: Ready, Stalled, LastRunSucceeded, Overdue, RunBlocked, Idle.", append(scheduleLabels[:3:3], "type", "reason"), nil)
	missedDesc = prometheus.NewDesc("maintenance_schedule_missed_runs_total",
		"Scheduled runs that did not take place, by reason.", append(scheduleLabels[:3:3], "reason"), nil)
	lastCountDesc = prometheus.NewDesc("maintenance_schedule_last_run_count",
		"The figures of the last run that was not a dry run, such as filesChecked, and bytes where the name says so.", append(scheduleLabels[:3:3], "count"), nil)
	lastRunDesc = prometheus.NewDesc("maintenance_schedule_last_run",
		"1 for the outcome of the last run that was not a dry run, 0 for the others.", append(scheduleLabels[:3:3], "outcome"), nil)
)

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	m.runs.Describe(out)
	for _, g := range gauges() {
		out <- g.desc
	}
	out <- conditionDesc
	out <- missedDesc
	out <- lastCountDesc
	out <- lastRunDesc
}

// Collect implements prometheus.Collector. A process that waits to be elected has nothing to say.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	select {
	case <-m.elected:
	default:
		return
	}
	m.runs.Collect(out)
	var all v1alpha1.MaintenanceScheduleList
	if err := m.reader.List(context.Background(), &all); err != nil {
		out <- prometheus.NewInvalidMetric(conditionDesc, err)
		return
	}
	for i := range all.Items {
		collect(&all.Items[i], out)
	}
}

func collect(ms *v1alpha1.MaintenanceSchedule, out chan<- prometheus.Metric) {
	send := func(desc *prometheus.Desc, value float64, labels ...string) {
		labels = append([]string{ms.Namespace, ms.Name, taskOf(ms)}, labels...)
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for _, g := range gauges() {
		if value, ok := g.value(ms); ok {
			send(g.desc, value)
		}
	}
	for _, c := range ms.Status.Conditions {
		send(conditionDesc, truth(c.Status == metav1.ConditionTrue), c.Type, c.Reason)
	}
	for _, reason := range v1alpha1.MissedReasons() {
		labels := []string{ms.Namespace, ms.Name, taskOf(ms), reason}
		out <- prometheus.MustNewConstMetric(missedDesc, prometheus.CounterValue, float64(ms.Status.MissedRuns[reason]), labels...)
	}
	last := lastRealRun(&ms.Status)
	if last == nil {
		return
	}
	for count, value := range last.Counts {
		send(lastCountDesc, float64(value), count)
	}
	for _, outcome := range []report.Outcome{report.Succeeded, report.Partial, report.Failed, report.Refused, report.Skipped, report.Paused} {
		send(lastRunDesc, truth(last.Outcome == string(outcome)), string(outcome))
	}
}

func lastDuration(ms *v1alpha1.MaintenanceSchedule) (float64, bool) {
	last := lastRealRun(&ms.Status)
	if last == nil {
		return 0, false
	}
	took, err := time.ParseDuration(last.Duration)
	return took.Seconds(), err == nil
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
