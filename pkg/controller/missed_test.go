package controller

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// noted are the Events that were recorded.
type noted []string

// Eventf implements events.EventRecorder.
func (n *noted) Eventf(_, _ runtime.Object, _, reason, _, note string, args ...any) {
	*n = append(*n, reason+": "+fmt.Sprintf(note, args...))
}

// A time without a run is counted in the status, in an Event and in the metric, with the same reason.
func TestATimeWithoutARunIsInStatusEventAndMetric(t *testing.T) {
	c := &stoppedClock{now: time.Now()}
	l := newUnwatchedLab(t, c.read)
	spec := nightly()
	spec.Schedule = "30 * * * *"
	l.create("hourly", spec)
	var events noted
	r := &Reconciler{Client: uncached{l.Client}, Reader: l.Client, Events: &events, Metrics: NewMetrics(l.Client,
		closed()), Settings: settings(), Now: c.read}
	look := func() {
		t.Helper()
		if _, err := r.Reconcile(t.Context(), requestOf(l.namespace, "hourly")); err != nil {
			t.Fatal(err)
		}
	}
	look()
	c.pass(3 * time.Hour)
	look()
	status := l.schedule("hourly").Status
	missed := status.MissedRuns[v1alpha1.MissedNoJob]
	if missed < 2 || status.LastMissed == nil || status.LastMissed.Reason != v1alpha1.MissedNoJob {
		t.Fatalf("the status has %v, %+v", status.MissedRuns, status.LastMissed)
	}
	told := strings.Join(events, "\n")
	says(t, "the Events", told, fmt.Sprintf("%s: scheduled runs that did not take place: %d", v1alpha1.EventRunMissed,
		missed), v1alpha1.MissedNoJob)
	var text strings.Builder
	must(t, r.Metrics.WriteText(t.Context(), &text))
	says(t, "the metrics", text.String(),
		fmt.Sprintf(`maintenance_schedule_missed_runs_total{reason="Missed",schedule="hourly",schedule_namespace=%q,task="verify-references"} %d`, l.namespace, missed))
}

// closed is a channel that says at once that this process is the one that works.
func closed() <-chan struct{} {
	elected := make(chan struct{})
	close(elected)
	return elected
}
