package controller

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// scrape is what Prometheus gets.
func (l *lab) scrape() string {
	answer := httptest.NewRecorder()
	l.metrics.Handler(prometheus.NewRegistry()).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

// untilMetric waits for a line.
func (l *lab) untilMetric(line string) {
	l.t.Helper()
	clustertest.Eventually(l.t, "the metric "+line, func() (bool, string) {
		all := l.scrape()
		return strings.Contains(all, line+"\n"), all
	})
}

// Of a run that did not happen, of one that failed and of a schedule that cannot work there is a metric; with the
// schedule it goes.
func TestMetricsTellWhatIsWrongAndGoWithTheirSchedule(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Task = "maintenance_verify_references"
	ms := l.create("nightly", spec)
	job, pod := l.started("nightly", "1")
	l.EndPod(t, pod, 78, "")
	l.ended("nightly", job)
	labels := fmt.Sprintf(`schedule="nightly",schedule_namespace=%q,task="verify-references"`, l.namespace)
	l.untilMetric("maintenance_schedule_consecutive_failures{" + labels + "} 1")
	l.untilMetric("maintenance_schedule_active_runs{" + labels + "} 0")
	l.untilMetric("maintenance_schedule_last_success_timestamp_seconds{" + labels + "} 0") // there before the first
	l.untilMetric("maintenance_schedule_overdue{" + labels + "} 0")
	if problems, err := promlint.New(strings.NewReader(l.scrape())).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	l.untilMetric(fmt.Sprintf(`maintenance_schedule_last_run{outcome="Failed",schedule="nightly",schedule_namespace=%q,task="verify-references"} 1`, l.namespace))
	l.untilMetric(fmt.Sprintf(`maintenance_schedule_condition{reason="NoResult",schedule="nightly",schedule_namespace=%q,task="verify-references",type="LastRunSucceeded"} 0`, l.namespace))

	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "0 0 31 2 *" })
	l.untilMetric(fmt.Sprintf(`maintenance_schedule_condition{reason="InvalidSchedule",schedule="nightly",schedule_namespace=%q,task="verify-references",type="Stalled"} 1`, l.namespace))

	if err := l.Client.Delete(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	clustertest.Eventually(t, "its metrics go", func() (bool, string) {
		all := l.scrape()
		return !strings.Contains(all, `schedule="nightly"`), all
	})
}

// A counter is there, at 0, before the first run ends; and a run that ends while no controller is there is counted
// once, however often another one starts. Seen to fail with series only for the outcomes that had occurred.
func TestRunsAreCountedFromZeroAndAlsoWhileTheControllerIsAway(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	runs := func(outcome string) string {
		return fmt.Sprintf(`maintenance_runs_total{outcome=%q,schedule="nightly",schedule_namespace=%q,task="verify-references"}`, outcome, l.namespace)
	}
	for _, outcome := range []string{"Succeeded", "Partial", "Failed", "Refused", "Skipped", "Paused", "Unknown"} {
		l.untilMetric(runs(outcome) + " 0")
	}
	job, pod := l.started("nightly", "1")
	l.EndPod(t, pod, 0, good())
	l.ended("nightly", job)
	l.untilMetric(runs("Succeeded") + " 1")

	job, pod = l.started("nightly", "2")
	l.stopController()
	l.EndPod(t, pod, 78, "")
	l.untilEnded(job)
	l.startController(l.controller)
	l.ended("nightly", job)
	l.stopController()
	l.startController(l.controller)
	l.untilMetric(runs("Failed") + " 1")
	l.untilMetric(runs("Succeeded") + " 1")
}

// The connection string is in the Secret and nowhere else, whatever became of the run.
func TestNoSecretIsInStatusEventsOrMetrics(t *testing.T) {
	l := newLab(t)
	l.createSecret()
	spec := nightly()
	spec.Retry = &v1alpha1.RetrySpec{Limit: new(int32(0))}
	l.create("nightly", spec)
	for i, e := range []struct {
		code    int32
		message string
	}{{2, "panic: cannot reach " + secretURI}, {0, `{"schemaVersion":1,"outcome":"` + secretURI + `"}`},
		{0, `{"schemaVersion":"` + secretURI + `"}`}} {
		job, pod := l.started("nightly", fmt.Sprint(i))
		l.EndPod(t, pod, e.code, e.message)
		l.ended("nightly", job)
		l.untilEvent("nightly", v1alpha1.EventRunEnded, job)
	}
	var events eventsv1.EventList
	if err := l.Client.List(t.Context(), &events, client.InNamespace(l.namespace)); err != nil {
		t.Fatal(err)
	}
	for what, object := range map[string]any{"status": l.schedule("nightly").Status, "Events": events,
		"metrics": l.scrape(), "CronJob": l.cronJob("nightly"), "Jobs": l.jobs("nightly")} {
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "s3cr3t") || strings.Contains(string(text), "mongodb://") {
			t.Errorf("the connection string is in %s:\n%s", what, text)
		}
	}
}
