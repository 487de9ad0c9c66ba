package controller

import (
	"fmt"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// A run that ended well and warns is heard of: in the status, in an Event and in a metric.
func TestTheWarningsOfARunAreTold(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	labels := fmt.Sprintf(`schedule="nightly",schedule_namespace=%q,task="verify-references"`, l.namespace)
	for i, warnings := range [][]string{{"the root /b does not exist here", "the server does not support compact"}, nil} {
		job, pod := l.started("nightly", fmt.Sprint(i))
		result := report.Result{SchemaVersion: report.SchemaVersion, Task: "verify-references", Outcome: report.Succeeded,
			Warnings: warnings}
		l.EndPod(t, pod, 0, string(result.Termination()))
		l.ended("nightly", job)
		if got := l.schedule("nightly").Status.History[0].WarningCount; int(got) != len(warnings) {
			t.Errorf("the history says %d warnings, not %d", got, len(warnings))
		}
		l.untilMetric(fmt.Sprintf("maintenance_schedule_last_run_warnings{%s} %d", labels, len(warnings)))
		l.untilEvent("nightly", v1alpha1.EventRunEnded, job)
		if i == 0 {
			l.untilEvent("nightly", v1alpha1.EventRunWarned,
				job+" has 2 warnings: the root /b does not exist here; the server does not support compact")
		}
	}
	warned := 0
	for _, e := range l.events("nightly") {
		if e.Reason == v1alpha1.EventRunWarned {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("%d Events about warnings", warned)
	}
}
