package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// message is the termination message of a run that ended so.
func message(outcome report.Outcome, reason report.Reason, dryRun bool) string {
	return string(report.Result{SchemaVersion: report.SchemaVersion, Task: "verify-references", Outcome: outcome,
		Reason: reason, DryRun: dryRun,
		Message: "that is how it ended", DurationSeconds: 12.4, Counts: map[string]int64{"filesChecked": 182044},
		PlanDigest: "12ab34", Sample: []string{"file 7"}}.Termination())
}

// The exit code is maint-job's own, so that a script need not care where the run took place.
func TestRunWaitsForTheRunAndExitsAsItDid(t *testing.T) {
	l := newLab(t)
	for name, c := range map[string]struct {
		outcome report.Outcome
		reason  report.Reason
		podCode int32
		code    int
	}{
		"good":    {report.Succeeded, "", 0, 0},
		"skipped": {report.Skipped, report.ReasonLocked, 0, jobspec.ExitTemporary},
		"paused":  {report.Paused, report.ReasonTimeBudgetSpent, 0, 0},
		"partial": {report.Partial, report.ReasonChangedMeanwhile, 3, 3},
		"refused": {report.Refused, report.ReasonDeletionCapExceeded, 4, 4},
		"config":  {report.Failed, report.ReasonConfiguration, 78, 78},
	} {
		l.create(name, nil)
		done := l.start("run", name, "--wait")
		l.EndPod(t, l.podOfRun(name), c.podCode, message(c.outcome, c.reason, false))
		r := <-done
		r.want(t, c.code, "outcome    "+string(c.outcome), "filesChecked 182044", "that is how it ended", "is under way")
	}
}

// People type both commands in one line.
func TestARunOfAScheduleThatWasJustAppliedWaitsForTheController(t *testing.T) {
	l := newLab(t)
	for i := range 10 {
		name := fmt.Sprintf("fresh-%d", i)
		l.apply(name, nil)
		l.maint("run", name).want(t, 0, "asked for the run "+name)
	}
}

// A run that met the lock of another is asked for again. Must fail where --queue ended with the first.
func TestAQueuedRunWaitsForTheLock(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	done := l.start("run", "nightly", "--queue")
	first := l.podOfRun("nightly")
	l.EndPod(t, first, 0, message(report.Skipped, report.ReasonLocked, false))
	value := l.schedule("nightly").Annotations[v1alpha1.AnnotationRunNow]
	l.until("nightly", "is asked again",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Annotations[v1alpha1.AnnotationRunNow] != value })
	l.EndPod(t, l.podOfRun("nightly"), 0, message(report.Succeeded, "", false))
	(<-done).want(t, 0, "was skipped: that is how it ended", "outcome    Succeeded")

	done = l.start("run", "nightly", "--queue", "--timeout=4s")
	l.until("nightly", "is asked a third time", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.RunNow != value && len(ms.Status.Active) == 1
	})
	l.EndPod(t, l.podOfRun("nightly"), 0, message(report.Skipped, report.ReasonLocked, false))
	(<-done).want(t, jobspec.ExitTemporary, "longer than --timeout")
}

func TestRunAsksOnceAndGoesAway(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("run", "nightly", "--dry-run").want(t, 0, "asked for the run nightly-now-")
	if a := l.schedule("nightly").Annotations; a[v1alpha1.AnnotationRunNowDryRun] != "true" {
		t.Errorf("the annotations are %v", a)
	}
	l.EndPod(t, l.podOfRun("nightly"), 0, message(report.Succeeded, "", true))
	l.until("nightly", "has a run", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastRun != nil })
	l.maint("run", "nightly", "-o", "json").want(t, 0, `"run": "nightly-now-`)
	if _, there := l.schedule("nightly").Annotations[v1alpha1.AnnotationRunNowDryRun]; there {
		t.Error("the word of the dry run is still there for a run that is none")
	}
}

func TestAPlanShowsWhatToPaste(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	done := l.start("plan", "nightly")
	l.EndPod(t, l.podOfRun("nightly"), jobspec.ExitRefused, message(report.Refused, report.ReasonDeletionCapExceeded,
		true))
	r := <-done
	r.want(t, jobspec.ExitRefused, "dry run: nothing was changed", "for example:\n  file 7", "      allowPlan: 12ab34\n")
	if _, there := l.schedule("nightly").Annotations[v1alpha1.AnnotationRunNowDryRun]; there {
		t.Error("the next run-now by hand would be a dry run")
	}
}

// An older controller does not know the annotation. Seen to fail with an exit code that is the run's alone.
func TestADryRunThatWasNoneIsSaid(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	done := l.start("plan", "nightly", "--output=json")
	l.EndPod(t, l.podOfRun("nightly"), 0, message(report.Succeeded, "", false))
	r := <-done
	r.want(t, 1, "was to be a dry run and was none")
	var run v1alpha1.RunResult
	if err := json.Unmarshal([]byte(r.out), &run); err != nil || run.Counts["filesChecked"] != 182044 {
		t.Errorf("standard output is no result: %v", err)
	}
}

func TestAWaitEndsWithItsTimeout(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("run", "nightly", "--wait", "--timeout=1s").want(t, 75, "longer than --timeout")
	l.podOfRun("nightly")
}

// A plan that has not begun when its time is up is taken back. Must fail with the order left: it ran when nobody
// waited.
func TestAPlanThatWaitsTooLongIsTakenBack(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("run", "nightly").want(t, 0, "asked for the run")
	pod := l.podOfRun("nightly")
	l.until("nightly", "is busy", func(ms *v1alpha1.MaintenanceSchedule) bool { return len(ms.Status.Active) == 1 })
	l.maint("plan", "nightly", "--timeout=2s").want(t, 75, "has not begun (",
		"the request was taken back, and nothing runs")
	l.EndPod(t, pod, 0, message(report.Succeeded, "", false))
	ms := l.until("nightly", "has ended and knows of nothing else", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.LastRun != nil && len(ms.Status.Active) == 0 && ms.Status.LastOrder.State == v1alpha1.OrderWithdrawn
	})
	if a := ms.Annotations; a[v1alpha1.AnnotationRunNow] != "" || a[v1alpha1.AnnotationRunNowDryRun] != "" {
		t.Errorf("the annotations are %v", a)
	}
}

func TestAStalledScheduleIsNotAsked(t *testing.T) {
	l := newLab(t)
	l.create("never", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "0 0 31 2 *" })
	l.maint("run", "never", "--wait").want(t, 78, "stalled (InvalidSchedule)")
	if a := l.schedule("never").Annotations; len(a) != 0 {
		t.Errorf("it was asked: %v", a)
	}
}

func TestSuspendSaysWhyAndResumeTakesItBack(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("suspend", "nightly", "--reason", "disk is being replaced").want(t, 0, "is suspended")
	l.until("nightly", "is suspended",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.NextRun == "suspended" })
	l.maint("list").want(t, 0, "Suspended: disk is being replaced")
	l.maint("resume", "nightly").want(t, 0, "is resumed")
	if ms := l.schedule("nightly"); ms.Spec.Suspend || len(ms.Annotations) != 0 {
		t.Errorf("suspend is %v, annotations %v", ms.Spec.Suspend, ms.Annotations)
	}
}

func TestListAndHistoryAreReadByProgramsToo(t *testing.T) {
	l := newLab(t)
	l.maint("list").want(t, 0, "No schedules in the namespace "+l.namespace)
	l.create("nightly", nil)
	l.maint("history", "nightly").want(t, 0, "has not run yet")
	l.maint("history", "nightly", "-o", "json").want(t, 0, "[]\n")
	l.maint("run", "nightly").want(t, 0)
	l.EndPod(t, l.podOfRun("nightly"), 4, message(report.Refused, report.ReasonDeletionCapExceeded, false))
	l.until("nightly", "has a run", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastRun != nil })
	l.maint("history", "nightly").want(t, 0, "Manual", "12.4s", "Refused", "DeletionCapExceeded", "filesChecked=182044")
	l.maint("history", "nightly", "-o", "yaml").want(t, 0, "outcome: Refused")
	l.maint("list").want(t, 0, "Refused\n  DeletionCapExceeded: nightly-now-", "that is how it ended")
	var list v1alpha1.MaintenanceScheduleList
	r := l.maint("list", "-o", "json")
	if err := json.Unmarshal([]byte(r.out), &list); err != nil || len(list.Items) != 1 ||
		list.Items[0].Kind != v1alpha1.Kind || list.Kind != v1alpha1.Kind+"List" {
		t.Errorf("%v: %s", err, r.out)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.create("only-in-"+l.namespace, nil)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a mistyped name": {[]string{"run", "nihgtly"}, 1, "did you mean nightly?"},
		"another namespace": {[]string{"history", "only-in-" + l.namespace, "--namespace=default"}, 1,
			"add --namespace " + l.namespace},
		"no name":             {[]string{"suspend"}, 64, "which schedule? kubectl maint suspend NAME"},
		"two names":           {[]string{"resume", "a", "b"}, 64, "one schedule at a time"},
		"an unknown command":  {[]string{"ruin"}, 64, `unknown command "ruin": did you mean run?`},
		"a command like none": {[]string{"xyzzyx"}, 64, `unknown command "xyzzyx"; kubectl maint --help`},
		"an unknown flag":     {[]string{"list", "--al"}, 64, "unknown flag: --al: did you mean --all-namespaces"},
		"a flag like one": {[]string{"run", "nightly", "--wiat"}, 64,
			"unknown flag: --wiat: did you mean --wait?"},
		"a task for a schedule":          {[]string{"run", "verfy"}, 1, "did you mean nightly (verify-references)"},
		"a name like none":               {[]string{"run", "xyzzyx"}, 1, "there are nightly, only-in-"},
		"an unknown format":              {[]string{"list", "-o", "xml"}, 64, "write table, wide, json or yaml"},
		"a restore of no run":            {[]string{"restore", "nightly"}, 64, `"run" not set`},
		"logs of a schedule without any": {[]string{"logs", "nightly"}, 1, "nightly has no pod"},
		"a cluster that is not there":    {[]string{"list", "--server=https://127.0.0.1:1"}, 1, "is it the right cluster?"},
		"a connection string":            {[]string{"run", "mongodb://u:hunter2@db"}, 64, "put it into a Secret"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--kubeconfig", l.kubeconfig}, c.args...)
			if !strings.Contains(strings.Join(c.args, " "), "--namespace") {
				args = append(args, "--namespace", l.namespace)
			}
			r := call(t.Context(), strings.NewReader(""), args...)
			r.want(t, c.code, c.says)
			if strings.Contains(r.out+r.errs, "hunter2") {
				t.Error("it prints the password")
			}
		})
	}
}

func TestAForbiddenVerbIsNamed(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	nobody := l.Kubeconfig(t, "nobody-at-all")
	r := call(t.Context(), strings.NewReader(""), "run", "nightly", "--namespace", l.namespace, "--kubeconfig", nobody)
	r.want(t, 1, `cannot get resource "maintenanceschedules"`, "ask whoever runs the cluster for a Role")
}

func TestTheShellCompletesTheNamesOfSchedules(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	args := []string{"__complete", "--kubeconfig", l.kubeconfig, "--namespace", l.namespace, "run", ""}
	call(t.Context(), strings.NewReader(""), args...).want(t, 0, "nightly\tverify-references")
}

// The plugin writes schedules and nothing else: the API server's audit log says so. Seen to fail with a restore that
// creates its Job.
func TestThePluginPatchesSchedulesOnly(t *testing.T) {
	l := newLab(t)
	user := "operator-of-" + l.namespace
	l.kubeconfig = l.Kubeconfig(t, user, "system:masters", "system:serviceaccounts") // whose requests the audit log holds
	l.create("nightly", nil)
	done := l.start("run", "nightly", "--wait")
	l.EndPod(t, l.podOfRun("nightly"), 0, message(report.Succeeded, "", false))
	(<-done).want(t, 0)
	for _, args := range [][]string{{"list"}, {"history", "nightly"}, {"suspend", "nightly"}, {"resume", "nightly"},
		{"restore", "nightly", "--run=x"}} {
		l.maint(args...).want(t, 0)
	}
	l.maint("logs", "nightly")
	allowed, _ := l.Accesses(t, user)
	for access := range allowed {
		switch access.Verb {
		case "get", "list", "watch":
		case "patch":
			if access.Resource != "maintenanceschedules" {
				t.Errorf("it patches %s", access.Resource)
			}
		default:
			t.Errorf("it does %+v", access)
		}
		if access.Resource == "secrets" {
			t.Errorf("it does %+v", access)
		}
	}
	if len(allowed) == 0 {
		t.Error("the audit log shows nothing of the plugin")
	}
}
