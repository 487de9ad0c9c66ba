package view

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func condition(kind, reason, message string, status metav1.ConditionStatus) metav1.Condition {
	return metav1.Condition{Type: kind, Reason: reason, Message: message, Status: status}
}

func ended(outcome, reason string, dryRun bool) v1alpha1.RunSummary {
	return v1alpha1.RunSummary{Run: "a-run", Outcome: outcome, Reason: reason, DryRun: dryRun}
}

func TestTheStateIsWhatHappensNowElseWhatStopsItElseHowItEnded(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*v1alpha1.MaintenanceSchedule)
		want   Condition
	}{
		"a schedule without a run never ran": {func(*v1alpha1.MaintenanceSchedule) {},
			Condition{NeverRan, "never ran", ""}},
		"one that the controller has not seen waits": {func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.ObservedGeneration = -1 }, Condition{Waiting, "waiting", "for the controller, which has not seen it yet"}},
		"a run under way comes before a stop": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Spec.Suspend = true
			ms.Status.Active = []v1alpha1.ActiveRun{{Run: "x"}}
		}, Condition{Running, "running", ""}},
		"a dry run under way is planning": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Active = []v1alpha1.ActiveRun{{Run: "x", DryRun: true}}
		}, Condition{Running, "planning", ""}},
		"a run that cannot start waits, and for what": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Active = []v1alpha1.ActiveRun{{Run: "x"}}
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionRunBlocked, "SecretMissing", "no Secret x",
				metav1.ConditionTrue)}
		}, Condition{Waiting, "waiting", "SecretMissing: no Secret x"}},
		"a stalled one says why": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionStalled, "UnknownTask", "no such task",
				metav1.ConditionTrue)}
		}, Condition{Stalled, "stalled", "UnknownTask: no such task"}},
		"a run that was asked for waits": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: "run:1"}
		}, Condition{Waiting, "waiting", "a run was requested; it waits for the controller"}},
		"a run that was asked for and made waits no more": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: "run:1"}
			ms.Status.RunNow = "run:1"
		}, Condition{NeverRan, "never ran", ""}},
		"a suspended one says why": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Spec.Suspend = true
			ms.Annotations = map[string]string{v1alpha1.AnnotationSuspendReason: "a disk is replaced"}
		}, Condition{Suspended, "suspended", "a disk is replaced"}},
		"an overdue one says why": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionOverdue, "MissedRun", "no Job",
				metav1.ConditionTrue)}
		}, Condition{Overdue, "overdue", "MissedRun: no Job"}},
		"the last run failed": {runsEnded(ended("Failed", "LockLost", false)), Condition{Failed, "failed",
			"LockLost"}},
		"a part is a failure": {runsEnded(ended("Partial", "ServerRefused", false)),
			Condition{Failed, "partial", "ServerRefused"}},
		"the last run was refused": {runsEnded(ended("Refused", "DeletionCapExceeded", false)),
			Condition{Refused, "refused", "DeletionCapExceeded"}},
		"a pause is well": {runsEnded(ended("Paused", "WindowClosed", false)),
			Condition{OK, "OK", "paused, WindowClosed"}},
		"a skipped run hides nothing": {runsEnded(ended("Skipped", "NotIdle", false), ended("Failed", "LockLost",
			false)), Condition{Failed, "failed", "LockLost"}},
		"a plan hides no failure": {runsEnded(ended("Succeeded", "", true), ended("Failed", "LockLost",
			false)), Condition{Failed, "failed", "LockLost"}},
		"a refused plan is no failure of a run": {runsEnded(ended("Refused", "X", true), ended("Succeeded", "", false)),
			Condition{OK, "OK", ""}},
		"a plan counts where nothing else ended": {runsEnded(ended("Refused", "X", true)), Condition{Refused, "refused",
			"X"}},
		"a schedule that only plans is judged by its plans": {func(ms *v1alpha1.MaintenanceSchedule) {
			runsEnded(ended("Refused", "X", true), ended("Succeeded", "", false))(ms)
			ms.Spec.DryRun = true
		}, Condition{Refused, "refused", "X"}},
		"an end that nobody saw is unknown": {runsEnded(ended("Unknown", "JobDeleted", false)), Condition{Waiting, "unknown",
			"nobody saw how the last run ended"}},
	} {
		t.Run(name, func(t *testing.T) {
			ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Name: "a", Generation: 1}}
			ms.Status.ObservedGeneration = 1
			c.change(ms)
			if diff := cmp.Diff(c.want, ConditionOf(ms)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func runsEnded(history ...v1alpha1.RunSummary) func(*v1alpha1.MaintenanceSchedule) {
	return func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.History = history }
}

func TestNoTextHoldsTheCredentialsOfAnAddress(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a connection string": {"connect to mongodb://root:p%40ss@db:27017/x: refused",
			"connect to mongodb://…@db:27017/x: refused"},
		"with a password of any letter": {"mongodb+srv://u:a/b:c@d@db/x", "mongodb+srv://…@db/x"},
		"in quotes":                     {`uri "https://a:b@c"`, `uri "https://…@c"`},
		"a plain address stays":         {"see https://example.com/a", "see https://example.com/a"},
		"an escape is shown":            {"a\x1b[31mb\nc", `a\x1b[31mb c`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Text(c.text); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestCountsAreReadAsWords(t *testing.T) {
	for want, counts := range map[string]map[string]int64{
		"182,044 files checked":           {"filesChecked": 182044, "brokenTagRefs": 0},
		"15.0 MiB freed, 3 files deleted": {"bytesFreed": 15 << 20, "filesDeleted": 3},
		"512 B kept":                      {"bytesKept": 512},
		"2.5 TiB kept":                    {"bytesKept": 5 << 39},
		"nothing: all counts are 0":       {"filesChecked": 0},
		"":                                nil,
	} {
		if got := countWords(counts); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The row of a schedule says once why its last run failed, and nothing that the word OK says already.
func TestARowSaysNothingTwice(t *testing.T) {
	row := func(outcome, reason, message string) Row {
		ms := &v1alpha1.MaintenanceSchedule{}
		run := v1alpha1.RunSummary{Run: "x", Outcome: outcome, Reason: reason, Message: message}
		ms.Status.LastRun, ms.Status.History = &v1alpha1.RunResult{RunSummary: run}, []v1alpha1.RunSummary{run}
		return NewRow(ms, time.Now())
	}
	failed := row("Failed", "DatabaseUnreachable", "no server answered")
	if failed.Condition.Detail != "DatabaseUnreachable: no server answered" || failed.Message != "" ||
		failed.Result == "" {
		t.Errorf("%+v", failed)
	}
	if ok := row("Succeeded", "", "fine"); ok.Result != "" || ok.Message != "fine" {
		t.Errorf("%+v", ok)
	}
}

func TestAListIsSearchedFilteredAndSorted(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	schedule := func(namespace, name, task, outcome string, next time.Duration) v1alpha1.MaintenanceSchedule {
		ms := v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
		ms.Spec.Task = v1alpha1.TaskName(task)
		if outcome != "" {
			ms.Status.History = []v1alpha1.RunSummary{ended(outcome, "", false)}
		}
		if next != 0 {
			at := metav1.NewTime(now.Add(next))
			ms.Status.NextScheduleTime = &at
		}
		return ms
	}
	all := []v1alpha1.MaintenanceSchedule{
		schedule("films", "b", "cache-cleanup", "Succeeded", time.Hour),
		schedule("films", "a", "log-rotation", "Failed", 3*time.Hour),
		schedule("music", "c", "cache-cleanup", "", 0),
	}
	for name, c := range map[string]struct {
		query string
		want  []string
	}{
		"by name":                              {"", []string{"a", "b", "c"}},
		"the other way round":                  {"down=1", []string{"c", "b", "a"}},
		"gravest first":                        {"sort=state", []string{"a", "c", "b"}},
		"soonest first, unknown last":          {"sort=next", []string{"b", "a", "c"}},
		"one state":                            {"state=failed", []string{"a"}},
		"a state that does not exist is none":  {"state=<script>", []string{"a", "b", "c"}},
		"one namespace":                        {"namespace=music", []string{"c"}},
		"all words have to be found":           {"q=CACHE+films", []string{"b"}},
		"a column that does not exist is none": {"sort=password", []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			q := ReadQuery(values)
			var got []string
			for _, r := range NewList(all, q, now).Rows {
				got = append(got, r.Name)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if again := ReadQuery(q.Values()); again != q {
				t.Errorf("the address says %+v, not %+v", again, q)
			}
		})
	}
}

func TestACalendarShowsWindowsAndClockChanges(t *testing.T) {
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "y"}}
	ms.Spec.TimeZone = "Europe/Berlin"
	ms.Spec.Window = &v1alpha1.WindowSpec{Start: "22:00", End: "06:00", Days: []v1alpha1.Weekday{"Sat"}}
	ms.Status.Schedule, ms.Status.TimeZone = "30 2 * * *", "Europe/Berlin"
	c := NewCalendar(ms, time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC)) // a Friday; the clocks go back on Sunday
	got := c.Days[:4]
	want := []Day{
		{Date: "Fri 23 Oct", Words: "none"},
		{Date: "Sat 24 Oct", Times: []int{150}, Words: "02:30", Windows: []Span{{22 * 60, 24 * 60}}},
		{Date: "Sun 25 Oct", Times: []int{150}, Words: "02:30", Windows: []Span{{0, 6 * 60}},
			Change: "the clocks go back by 1 h"},
		{Date: "Mon 26 Oct", Times: []int{150}, Words: "02:30"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(c.Days) != CalendarDays || c.Zone != "Europe/Berlin" {
		t.Errorf("%d days in %s", len(c.Days), c.Zone)
	}
	ms.Spec.Suspend = true
	if NewCalendar(ms, time.Now()) != nil {
		t.Error("a suspended schedule has a calendar")
	}
}

func TestARowShowsThePaceOfARun(t *testing.T) {
	ms := &v1alpha1.MaintenanceSchedule{}
	ms.Status.Active = []v1alpha1.ActiveRun{{Run: "x", Progress: &v1alpha1.RunProgress{
		PerSecond: 1200, Throttle: v1alpha1.ThrottleLow, MaxPerSecond: 3125,
		SlowedBy: "the database takes 400ms to answer, usually 20ms",
	}}}
	active := NewRow(ms, time.Now()).Active[0]
	if want := "1,200 a second of at most 3,125 (throttle Low)"; active.Rate != want {
		t.Errorf("%q, want %q", active.Rate, want)
	}
	if active.Slowed != ms.Status.Active[0].Progress.SlowedBy {
		t.Errorf("%q", active.Slowed)
	}
}
