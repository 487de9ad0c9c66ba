package controller

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
)

func TestAGoodResultReachesStatusWhole(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	l.EndPod(t, pod, 0, good())
	ms := l.ended("nightly", job)

	run := ms.Status.LastRun.DeepCopy()
	if run.StartedAt == nil || run.FinishedAt == nil {
		t.Fatalf("the run has no times: %+v", run)
	}
	run.StartedAt, run.FinishedAt = nil, nil
	want := &v1alpha1.RunResult{Task: "verify-references", RunSummary: v1alpha1.RunSummary{
		Run: job, Trigger: v1alpha1.TriggerManual, Outcome: "Succeeded", Message: "all references are good", Attempts: 1,
		Duration: "12.4s",
		Counts:   map[string]int64{"filesChecked": 182044, "brokenTagRefs": 3}}}
	if diff := cmp.Diff(want, run); diff != "" {
		t.Errorf("lastRun (-want +got):\n%s", diff)
	}
	if len(ms.Status.History) != 1 || ms.Status.History[0].Run != job || ms.Status.LastSuccessfulTime == nil ||
		ms.Status.Message != "all references are good" {
		t.Errorf("the status around it: %+v", ms.Status)
	}
	if !meta.IsStatusConditionTrue(ms.Status.Conditions, v1alpha1.ConditionLastRunSucceeded) {
		t.Errorf("LastRunSucceeded is not True: %+v", ms.Status.Conditions)
	}
	l.untilEvent("nightly", v1alpha1.EventRunEnded,
		"Succeeded brokenTagRefs=3 filesChecked=182044: all references are good")
}

// end is how a pod ends, and what must then be in status.
type end struct {
	code    int32
	message string
	killed  string // instead of the two: the reason

	outcome, reason string
	says            string
}

func message(outcome report.Outcome, reason report.Reason, text string) string {
	return string(report.Result{SchemaVersion: report.SchemaVersion, Task: "verify-references", Outcome: outcome,
		Reason: reason, Message: text}.Termination())
}

func ends() map[string]end {
	long := `{"schemaVersion":1,"outcome":"Succeeded","message":"` + strings.Repeat("ä", 4096) + `"}`
	return map[string]end{
		"partial": {3, message(report.Partial, "", "two albums were left"), "", "Partial", "",
			"two albums were left"},
		"refused": {4, message(report.Refused, report.ReasonDeletionCapExceeded, "31 % of the root"),
			"", "Refused", "DeletionCapExceeded", "31 %"},
		"wrong usage": {64, message(report.Failed, report.ReasonUsage, "no such flag"), "", "Failed",
			"Usage", "no such flag"},
		"a temporary failure": {75, message(report.Failed, report.ReasonDatabaseUnreachable,
			"no server answered"), "", "Failed", "DatabaseUnreachable", "no server answered"},
		"wrong credentials": {78, message(report.Failed, report.ReasonAuthentication,
			"the server rejected the user"), "", "Failed", "Authentication", "rejected"},
		"skipped": {0, message(report.Skipped, report.ReasonLocked, "another run holds the lock"),
			"", "Skipped", "Locked", "holds the lock"},
		"paused": {0, message(report.Paused, report.ReasonTimeBudgetSpent, "41 % covered"), "",
			"Paused", "TimeBudgetSpent", "41 %"},
		"no message at all":           {70, "", "", "Failed", v1alpha1.RunReasonNoResult, "exited with code 70"},
		"a success without a message": {0, "", "", "Failed", v1alpha1.RunReasonNoResult, "no termination message"},
		"a message that was cut": {0, long, "", "Failed", v1alpha1.RunReasonUnreadableResult,
			"not a whole result (4096 bytes)"},
		"a message that is not JSON": {2, "panic: runtime error\ngoroutine 1 [running]:", "", "Failed",
			v1alpha1.RunReasonUnreadableResult, "exited with code 2"},
		"JSON that is no result": {0, `[1,2,3]`, "", "Failed", v1alpha1.RunReasonUnreadableResult,
			"not a whole result"},
		"a result of another version": {0, `{"schemaVersion":2,"outcome":"Succeeded"}`, "", "Failed",
			v1alpha1.RunReasonUnreadableResult, "images of one release"},
		"an outcome that nobody knows": {0, `{"schemaVersion":1,"outcome":"Great"}`, "", "Failed",
			v1alpha1.RunReasonUnreadableResult, "unknown outcome"},
		"a count that is no number": {0, `{"schemaVersion":1,"outcome":"Succeeded","counts":{"x":"y"}}`, "", "Failed",
			v1alpha1.RunReasonUnreadableResult, "not a whole result"},
		"a reason that no condition takes": {0, `{"schemaVersion":1,"outcome":"Succeeded","reason":"not a word!"}`, "",
			"Succeeded", "", ""},
		"a success that exited with 1": {1, good(), "", "Failed", v1alpha1.RunReasonJobFailed,
			"although its pod reported Succeeded"},
		"killed for its memory": {0, "", "OOMKilled", "Failed", v1alpha1.RunReasonOOMKilled, "limit of 512Mi"},
	}
}

// However a run ends, status says how and why in words, the failures in a row are counted, an Event and a metric exist,
// and the controller does not fall over.
func TestEveryEndOfARunHasAReason(t *testing.T) {
	l := newLab(t)
	names := map[string]string{}
	for what := range ends() {
		spec := nightly()
		spec.Retry = &v1alpha1.RetrySpec{Limit: new(int32(0))}
		names[what] = l.createNumbered(len(names), spec)
	}
	jobs := map[string]string{}
	for what, e := range ends() {
		job, pod := l.started(names[what], "1")
		jobs[what] = job
		if e.killed != "" {
			l.KillPod(t, pod, e.killed)
		} else {
			l.EndPod(t, pod, e.code, e.message)
		}
	}
	for what, e := range ends() {
		t.Run(what, func(t *testing.T) { l.checkEnd(t, names[what], jobs[what], e) })
	}
}

func (l *lab) checkEnd(t *testing.T, name, job string, e end) {
	ms := l.ended(name, job)
	run := ms.Status.LastRun
	if run.Outcome != e.outcome || run.Reason != e.reason || !strings.Contains(run.Message, e.says) {
		t.Errorf("lastRun is %s/%s %q, want %s/%s with %q", run.Outcome, run.Reason, run.Message, e.outcome, e.reason, e.says)
	}
	wantFailures, wantSuccess := int32(1), "False"
	switch e.outcome {
	case "Succeeded", "Paused":
		wantFailures, wantSuccess = 0, "True"
	case "Skipped":
		wantFailures, wantSuccess = 0, ""
	}
	success := ""
	if c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionLastRunSucceeded); c != nil {
		success = string(c.Status)
	}
	if ms.Status.ConsecutiveFailures != wantFailures || success != wantSuccess {
		t.Errorf("consecutiveFailures is %d, want %d; LastRunSucceeded is %q, want %q", ms.Status.ConsecutiveFailures,
			wantFailures, success, wantSuccess)
	}
	event := l.untilEvent(name, v1alpha1.EventRunEnded, job+" "+e.outcome)
	if isWarning := event.Type == corev1.EventTypeWarning; isWarning != (wantFailures == 1) {
		t.Errorf("the Event is %s", event.Type)
	}
	wanted := fmt.Sprintf(`maintenance_runs_total{outcome=%q,schedule=%q,schedule_namespace=%q,task="verify-references"} 1`, e.outcome, name, l.namespace)
	l.untilMetric(wanted)
}

func TestFailuresInARowAreCountedAndASuccessClearsThem(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.HistoryLimit = new(int32(2))
	l.create("nightly", spec)
	for i, e := range []struct {
		code     int32
		message  string
		failures int32
	}{
		{3, message(report.Partial, "", "a"), 1},
		{4, message(report.Refused, "", "b"), 2},
		{0, message(report.Skipped, report.ReasonLocked, "c"), 2},
		{78, "", 3},
		{0, good(), 0},
	} {
		job, pod := l.started("nightly", fmt.Sprint(i))
		l.EndPod(t, pod, e.code, e.message)
		ms := l.ended("nightly", job)
		if ms.Status.ConsecutiveFailures != e.failures {
			t.Errorf("after run %d there are %d failures in a row, want %d", i, ms.Status.ConsecutiveFailures, e.failures)
		}
		if len(ms.Status.History) != min(i+1, 2) || ms.Status.History[0].Run != job {
			t.Errorf("after run %d the history is %+v", i, ms.Status.History)
		}
	}
	if s := l.schedule("nightly").Status; s.LastFailureTime == nil || s.LastSuccessfulTime == nil {
		t.Errorf("the times of the last failure and success: %v, %v", s.LastFailureTime, s.LastSuccessfulTime)
	}
}

// The Job controller tries again after 75; the result is the last attempt's, and there is one of them.
func TestARetriedRunHasTheResultOfItsLastAttempt(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	l.EndPod(t, pod, 75, message(report.Failed, report.ReasonDatabaseUnreachable, "no server answered"))
	l.EndPod(t, l.PodOf(t, l.namespace, job), 0, good())
	ms := l.ended("nightly", job)
	if ms.Status.LastRun.Outcome != "Succeeded" || len(ms.Status.History) != 1 || ms.Status.ConsecutiveFailures != 0 {
		t.Errorf("the status is %+v", ms.Status)
	}
}

// A run whose Job is deleted under way did happen: it may not vanish from the record. Seen to fail when status.active
// was only what the cache shows.
func TestARunWhoseJobWasDeletedIsNotForgotten(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	job, _ := l.started("nightly", "1")
	l.until("nightly", "shows the run as active",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return len(ms.Status.Active) == 1 })
	jobs := l.jobs("nightly")
	if err := l.Client.Delete(t.Context(), &jobs[0],
		client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
		t.Fatal(err)
	}
	ms := l.ended("nightly", job)
	if run := ms.Status.LastRun; run.Outcome != v1alpha1.OutcomeUnknown || run.Reason != v1alpha1.RunReasonJobDeleted ||
		len(ms.Status.Active) != 0 {
		t.Errorf("the run is %+v, active %+v", run, ms.Status.Active)
	}
	l.untilEvent("nightly", v1alpha1.EventRunEnded, "how it ended is unknown")
}

func TestARunThatTakesTooLongIsStoppedAndSaysWhatItsAttemptsSaid(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.ActiveDeadline = &metav1.Duration{Duration: time.Minute}
	l.create("nightly", spec)
	job, pod := l.started("nightly", "1")
	l.EndPod(t, pod, 75, message(report.Failed, report.ReasonDatabaseUnreachable, "no server answered"))
	shorter := l.jobs("nightly")[0]
	before := shorter.DeepCopy()
	shorter.Spec.ActiveDeadlineSeconds = new(int64(1)) // instead of waiting for a minute
	if err := l.Client.Patch(t.Context(), &shorter, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	run := l.ended("nightly", job).Status.LastRun
	if run.Reason != v1alpha1.RunReasonDeadlineExceeded {
		t.Errorf("the reason is %s", run.Reason)
	}
	says(t, "the message", run.Message, "spec.activeDeadline", "DatabaseUnreachable", "no server answered")
}

// Nothing that a pod of another image writes into its termination message may take the controller down or make status
// unwritable.
func FuzzJudge(f *testing.F) {
	for _, e := range ends() {
		f.Add(e.message, e.code)
	}
	f.Fuzz(func(t *testing.T, text string, code int32) {
		result, ok := judged(text, code)
		if !ok || result.Outcome == "" {
			t.Errorf("no result for %q", text)
		}
		if _, err := json.Marshal(result); err != nil {
			t.Errorf("%q leads to a status that cannot be written: %v", text, err)
		}
	})
}

// A schedule that keeps failing stops itself, says why, and starts again after a run that a person made and that
// succeeded.
func TestAScheduleStopsAfterItsFailuresAndASuccessStartsIt(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.SuspendAfterFailures = new(int32(2))
	l.create("nightly", spec)
	end := func(value string, code int32, text string) {
		t.Helper()
		job := cronjob.ManualJobName(l.schedule("nightly"), value, 0)
		l.runNow("nightly", value)
		l.EndPod(t, l.PodOf(t, l.namespace, job), code, text)
		l.ended("nightly", job)
	}
	l.untilReady("nightly")
	end("1", 4, message(report.Refused, report.ReasonDeletionCapExceeded, "too much"))
	end("2", 78, message(report.Failed, report.ReasonConfiguration, "wrong"))
	l.untilCondition("nightly", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonTooManyFailures)
	ms := l.schedule("nightly")
	says(t, "the message", ms.Status.Message, "2 runs in a row", "run-now")
	if ms.Status.NextRun != nextStopped || ms.Status.NextScheduleTime != nil {
		t.Errorf("the next run is %q, %v", ms.Status.NextRun, ms.Status.NextScheduleTime)
	}
	l.untilCronJob("nightly", "is suspended", func(c *batchv1.CronJob) bool { return *c.Spec.Suspend })
	l.untilEvent("nightly", v1alpha1.EventStalled, "2 runs in a row")
	end("3", 0, good())
	ms = l.untilReady("nightly")
	if ms.Status.NextScheduleTime == nil || !ms.Status.ScheduledSince.After(ms.CreationTimestamp.Time) {
		t.Errorf("the next time is %v, since %v", ms.Status.NextScheduleTime, ms.Status.ScheduledSince)
	}
	l.untilCronJob("nightly", "goes on", func(c *batchv1.CronJob) bool { return !*c.Spec.Suspend })
}
