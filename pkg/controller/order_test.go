package controller

import (
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
)

// glance is what the controller sees of a schedule at one look; the status is what the looks before left.
type glance struct {
	value, word string // of run-now and run-now-dry-run; empty: absent
	dryRun      bool   // spec.dryRun
	busy        bool   // another run is under way
	unseen      bool   // the status was wiped before
	copied      bool   // the status was that of another schedule
}

// look is one look, whose status is stored and whose Job ends well at once; it returns "run", "plan" or "".
func look(t *testing.T, seen *observation, g glance) string {
	t.Helper()
	ms := seen.schedule
	ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: g.value, v1alpha1.AnnotationRunNowDryRun: g.word}
	if g.word == "" {
		delete(ms.Annotations, v1alpha1.AnnotationRunNowDryRun)
	}
	ms.Spec.DryRun = g.dryRun
	seen.now = seen.now.Add(time.Minute)
	seen.jobs = slices.DeleteFunc(seen.jobs, func(job batchv1.Job) bool { return endOf(&job) == nil })
	if g.busy {
		seen.jobs = append(seen.jobs, batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "other",
			CreationTimestamp: metav1.NewTime(seen.now)}})
	}
	if g.unseen {
		ms.Status = v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: -1}
	}
	if g.copied && ms.Status.LastOrder != nil {
		ms.Status.LastOrder.UID = "another"
	}
	todo := decide(*seen, settings())
	ms.Status, _ = nextStatus(*seen, todo, nil)
	job := todo.runNow.job
	if job == nil {
		return ""
	}
	made := job.DeepCopy()
	made.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: "True",
		LastTransitionTime: metav1.NewTime(seen.now)}}
	seen.jobs = append(seen.jobs, *made)
	seen.now = seen.now.Add(time.Minute)
	ms.Status, _ = nextStatus(*seen, decide(*seen, settings()), nil)
	if cronjob.IsDryRun(job) {
		return "plan"
	}
	return "run"
}

// What each look at the annotation starts. Must fail, before status kept the order: what is there when the schedule is
// first seen ran, A after B ran nothing, and each plan whose word was removed was a real run.
func TestAnOrderIsObeyedOnceAsItWasGiven(t *testing.T) {
	first := glance{}
	for name, c := range map[string]struct {
		looks []glance
		want  string // what each look started, joined by commas
	}{
		"a new value runs once":                 {[]glance{first, {value: "a"}, {value: "a"}}, ",run,"},
		"a plan plans":                          {[]glance{first, {value: "plan:1"}, {value: "plan:1"}}, ",plan,"},
		"a run of a schedule that plans":        {[]glance{first, {value: "run:1", dryRun: true}}, ",plan"},
		"what is there at first starts nothing": {[]glance{{value: "a"}, {value: "a"}}, ","},
		"nor after the status was wiped": {[]glance{first, {value: "a"}, {value: "a", unseen: true}, {value: "a"}},
			",run,,"},
		"nor with the status of another": {[]glance{first, {value: "a"}, {value: "b", copied: true}, {value: "b"}},
			",run,,"},
		"another value after that does": {[]glance{{value: "a"}, {value: "b"}}, ",run"},
		"A, B and A are three orders": {[]glance{first, {value: "a"}, {value: "b"}, {value: "a"}, {value: "a"}},
			",run,run,run,"},
		"A, B, A, B and A are five": {[]glance{first, {value: "a"}, {value: "b"}, {value: "a"}, {value: "b"},
			{value: "a"}}, ",run,run,run,run,run"},
		"removing it is none":                       {[]glance{first, {value: "a"}, {}, {value: "a"}}, ",run,,"},
		"one that waits runs later":                 {[]glance{first, {value: "a", busy: true}, {value: "a"}}, ",,run"},
		"one that was withdrawn runs never":         {[]glance{first, {value: "a", busy: true}, {}, {}}, ",,,"},
		"one that was withdrawn may be given again": {[]glance{first, {value: "a", busy: true}, {}, {value: "a"}}, ",,,run"},
		"a plan that waits stays one when spec.dryRun is removed": {
			[]glance{first, {value: "a", dryRun: true, busy: true}, {value: "a"}}, ",,plan"},
		"a run that waits becomes a plan with spec.dryRun": {
			[]glance{first, {value: "a", busy: true}, {value: "a", dryRun: true}}, ",,plan"},
		"an unclear value starts nothing":     {[]glance{first, {value: "Plan:1"}, {value: "plan:1"}}, ",,plan"},
		"the old word plans":                  {[]glance{first, {value: "a", word: "true"}}, ",plan"},
		"the old word acts":                   {[]glance{first, {value: "a", word: "false", dryRun: true}}, ",run"},
		"the old word makes no run of a plan": {[]glance{first, {value: "plan:1", word: "false"}}, ",plan"},
		"the old word holds for a run":        {[]glance{first, {value: "run:1", word: "true"}}, ",plan"},
		"an unclear old word starts nothing": {[]glance{first, {value: "a", word: "yes"},
			{value: "a", word: "true"}}, ",,plan"},
		"the old word removed while it waits": {[]glance{first, {value: "a", word: "true", busy: true}, {value: "a"}},
			",,plan"},
		"the old word made false while it waits": {[]glance{first, {value: "a", word: "true", busy: true},
			{value: "a", word: "false"}}, ",,plan"},
		"the old word removed after its run": {[]glance{first, {value: "a", word: "true"}, {value: "a"},
			{value: "b"}}, ",plan,,run"},
		"the old word removed unseen, with a value": {[]glance{first, {value: "a", word: "true"}, {value: "b"}},
			",plan,plan"},
		"the old word removed unseen, with a run": {[]glance{first, {value: "a", word: "true"}, {value: "run:1"}},
			",plan,run"},
		"the old word, there at first, removed later": {[]glance{{word: "true"}, {value: "b"}}, ",plan"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, noon.Add(-20*time.Minute))
			seen.schedule.Status.ObservedGeneration = -1
			var got []string
			for _, g := range c.looks {
				got = append(got, look(t, &seen, g))
			}
			if all := strings.Join(got, ","); all != c.want {
				t.Errorf("the looks started %q, want %q", all, c.want)
			}
		})
	}
}

// status.lastOrder says what became of an order.
func TestTheStateOfAnOrderIsShown(t *testing.T) {
	first := glance{}
	for name, c := range map[string]struct {
		looks []glance
		want  v1alpha1.OrderState
	}{
		"its run was made":                        {[]glance{first, {value: "a"}}, v1alpha1.OrderStarted},
		"another run is under way":                {[]glance{first, {value: "a", busy: true}}, v1alpha1.OrderWaiting},
		"it was taken back before its run":        {[]glance{first, {value: "a", busy: true}, {}}, v1alpha1.OrderWithdrawn},
		"its value is unclear":                    {[]glance{first, {value: "Plan:1"}}, v1alpha1.OrderRejected},
		"it was there when the schedule was seen": {[]glance{{value: "a"}}, v1alpha1.OrderNoted},
	} {
		t.Run(name, func(t *testing.T) {
			seen := inForce(t, noon.Add(-20*time.Minute))
			seen.schedule.Status = v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: -1}
			for _, g := range c.looks {
				look(t, &seen, g)
			}
			order := seen.schedule.Status.LastOrder
			if order == nil || order.State != c.want {
				t.Errorf("the order is %+v, not %s", order, c.want)
			}
		})
	}
}

// The status of a version that had no orders: what it acted on is done, and what waits goes on.
func TestAnOrderOfAnOlderVersionGoesOn(t *testing.T) {
	seen := inForce(t, noon.Add(-20*time.Minute))
	seen.schedule.Status.ObservedGeneration, seen.schedule.Status.RunNow = 1, "a"
	if got := look(t, &seen, glance{value: "a"}); got != "" {
		t.Errorf("what it had started is a %s again", got)
	}
	seen.schedule.Status.LastOrder = nil
	if got := look(t, &seen, glance{value: "b"}); got != "run" {
		t.Errorf("what waited started %q", got)
	}
}

// A plan is no run that counts, scheduled or not, and whatever its pod left. Must fail with each field.
func TestADryRunDoesNotCount(t *testing.T) {
	seen := inForce(t, noon.Add(-3*time.Hour))
	status := &seen.schedule.Status
	ended := metav1.NewTime(noon.Add(-2 * time.Hour))
	result := func(name string, outcome report.Outcome, dry bool, later time.Duration) v1alpha1.RunResult {
		at := metav1.NewTime(ended.Add(later))
		return v1alpha1.RunResult{RunSummary: v1alpha1.RunSummary{Run: name, Outcome: string(outcome), DryRun: dry,
			Trigger:   v1alpha1.TriggerScheduled,
			StartedAt: &at, FinishedAt: &at, Counts: map[string]int64{"filesChecked": 7}}}
	}
	n := &statusBuilder{seen: seen, status: status}
	tell := func(run v1alpha1.RunResult) {
		record(status, run)
		n.setConditionsOfRun(run)
		n.missOf(run)
	}
	tell(result("real", report.Failed, false, 0))
	before := status.DeepCopy()
	for _, outcome := range []report.Outcome{report.Succeeded, report.Failed, report.Partial, report.Refused,
		report.Paused} {
		tell(result("dry-"+string(outcome), outcome, true, time.Minute))
	}
	if status.ConsecutiveFailures != 1 || status.LastSuccessfulTime != nil || !status.LastFailureTime.Equal(&ended) ||
		len(status.MissedRuns) != 0 {
		t.Errorf("failures %d, success %v, failure %v, missed %v", status.ConsecutiveFailures, status.LastSuccessfulTime,
			status.LastFailureTime, status.MissedRuns)
	}
	if c := n.condition(v1alpha1.ConditionLastRunSucceeded); c.Message != before.Conditions[0].Message {
		t.Errorf("the condition says %q", c.Message)
	}
	if real := lastRealRun(status); real == nil || real.Run != "real" || !status.LastRun.DryRun ||
		len(status.History) != 6 {
		t.Errorf("the last real run is %+v, the last one %+v", real, status.LastRun)
	}
	tell(result("newer", report.Succeeded, false, time.Hour))
	if status.LastRealRun != nil || status.ConsecutiveFailures != 0 || lastRealRun(status).Run != "newer" {
		t.Errorf("after a real run: %+v", status.LastRealRun)
	}
}

// A run whose pod left no result is a dry run if its Job was made as one.
func TestADryRunWithoutAResultIsOne(t *testing.T) {
	seen := inForce(t, noon.Add(-20*time.Minute))
	resolved, err := cronjob.Resolve(seen.schedule, settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range []bool{true, false} {
		job := resolved.ManualJob("hourly-now-123456", "plan:1", plan)
		job.Status.Conditions = endedJob(batchv1.JobFailed, "DeadlineExceeded").Status.Conditions
		if result, ok := seen.resultOf(job); !ok || result.DryRun != plan || !strings.HasPrefix(result.Outcome, "Failed") {
			t.Errorf("plan %v: %+v", plan, result.RunSummary)
		}
		if run := activeRun(job); run.DryRun != plan {
			t.Errorf("plan %v: under way it is %+v", plan, run)
		}
	}
}

// With a real API server: a schedule that is applied with an order, and one that is restored over its Jobs, start
// nothing.
func TestAScheduleThatIsRestoredStartsNothing(t *testing.T) {
	l := newLab(t)
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "nightly",
		Annotations: map[string]string{v1alpha1.AnnotationRunNow: "1"}}, Spec: nightly()}
	if err := l.Client.Create(t.Context(), ms.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	l.untilReady("nightly")
	l.untilEvent("nightly", v1alpha1.EventRunNotStarted, `run-now was "1" when the controller first saw this schedule`)
	if err := l.Client.Delete(t.Context(), ms.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	if err := l.Client.Create(t.Context(), ms.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	l.untilReady("nightly")
	wiped := l.schedule("nightly")
	after := wiped.DeepCopy()
	after.Status = v1alpha1.MaintenanceScheduleStatus{}
	if err := l.Client.Status().Patch(t.Context(), after, client.MergeFrom(wiped)); err != nil {
		t.Fatal(err)
	}
	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Annotations["example.com/note"] = "touched" })
	l.untilReady("nightly")
	if jobs := l.jobs("nightly"); len(jobs) > 0 {
		t.Fatalf("%s was started", jobs[0].Name)
	}
	job, pod := l.started("nightly", "plan:1")
	if !slices.Contains(pod.Spec.Containers[0].Args, "--dry-run=true") {
		t.Errorf("the plan's arguments are %v", pod.Spec.Containers[0].Args)
	}
	l.EndPod(t, pod, 0, message(report.Succeeded, "", "planned"))
	seen := l.ended("nightly", job)
	if order := seen.Status.LastOrder; order.State != v1alpha1.OrderStarted || order.Run != job || !order.DryRun {
		t.Errorf("the order is %+v", order)
	}
}
