package kubectlmaint

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

var update = flag.Bool("update", false, "write the golden files again")

// now is when the schedules here are looked at.
var now = time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)

// golden compares with a file in testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func at(hoursAgo int) *metav1.Time {
	return new(metav1.NewTime(now.Add(-time.Duration(hoursAgo) * time.Hour)))
}

// made is a schedule as the controller leaves it.
func made(name, task, cron, next string, change func(*v1alpha1.MaintenanceSchedule)) v1alpha1.MaintenanceSchedule {
	ms := v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: "ucorefs", Name: name, UID: "u",
		Generation: 1}}
	ms.Spec.Task, ms.Status.Schedule, ms.Status.NextRun, ms.Status.ObservedGeneration = v1alpha1.TaskName(task), cron,
		next, 1
	if change != nil {
		change(&ms)
	}
	return ms
}

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message}
}

func refused() v1alpha1.RunSummary {
	return v1alpha1.RunSummary{Run: "missing-files-29923904", Trigger: v1alpha1.TriggerScheduled, Outcome: "Refused",
		Reason:  "DeletionCapExceeded",
		Message: "1,204 records would go, and the limits allow 1,000", StartedAt: at(5), FinishedAt: at(5), Duration: "12.4s",
		Counts: map[string]int64{"filesChecked": 182044, "recordsMissing": 1204, "recordsDeleted": 0,
			"directoriesUnknown": 2}}
}

func schedules() []v1alpha1.MaintenanceSchedule {
	return []v1alpha1.MaintenanceSchedule{
		made("counts-nightly", "rebuild-all-counts", "30 3 * * *", "2026-11-26 03:30 CET",
			func(ms *v1alpha1.MaintenanceSchedule) {
				ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: v1alpha1.RunSummary{Outcome: "Succeeded", FinishedAt: at(12),
					Message: "14 counters were wrong and are right now"},
					Warnings: []string{"the counter albums.file_count of 2 smart albums could not be computed", "b", "c"}}
				ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionReady, metav1.ConditionTrue, "InSync", "")}
			}),
		made("cache", "cache-cleanup", "17 */6 * * *", "suspended", func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Spec.Suspend, ms.Annotations = true,
				map[string]string{v1alpha1.AnnotationSuspendReason: "disk is being replaced, see OPS-12"}
			ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: v1alpha1.RunSummary{Outcome: "Succeeded", DryRun: true,
				FinishedAt: at(80)}}
		}),
		made("missing-files", "cleanup-orphaned-file-records", "5 2 * * 0", "2026-11-29 02:05 UTC",
			func(ms *v1alpha1.MaintenanceSchedule) {
				ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: refused()}
				ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionLastRunSucceeded, metav1.ConditionFalse,
					"DeletionCapExceeded",
					"missing-files-29923904: 1,204 records would go, and the limits allow 1,000: read the sample, then set "+
						"spec.limits.allowPlan to the plan's digest if that is right")}
			}),
		made("never", "verify-references", "0 0 31 2 *", "stalled", func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionStalled, metav1.ConditionTrue,
				"InvalidSchedule", "schedule never fires: there is no 31 February")}
		}),
		made("new", "log-rotation", "", "", func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Spec.Schedule,
				ms.Status.ObservedGeneration = "@daily", -1
		}),
		made("working", "verify-references", "0 * * * *", "2026-11-25 16:00 UTC", func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Active = []v1alpha1.ActiveRun{{Run: "working-29923904", StartedAt: at(1),
				Progress: &v1alpha1.RunProgress{Step: 2, Name: "reading file_records", Percent: new(int32(43)), TimeLeft: "2m10s"}}}
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionRunBlocked, metav1.ConditionTrue,
				"SecretMissing", "the pod waits for the Secret ucorefs-mongodb")}
		}),
	}
}

func TestAListIsAStory(t *testing.T) {
	for file, l := range map[string]Listing{
		"list.txt":            {Now: now},
		"list-wide.txt":       {Now: now, Wide: true},
		"list-namespaces.txt": {Now: now, Namespaces: true},
	} {
		t.Run(file, func(t *testing.T) {
			var out bytes.Buffer
			if err := WriteList(&out, schedules(), l); err != nil {
				t.Fatal(err)
			}
			golden(t, file, out.String())
		})
	}
}

func TestAHistoryHasALineForEachRun(t *testing.T) {
	var out bytes.Buffer
	manual := v1alpha1.RunSummary{Run: "missing-files-now-3fa210", Trigger: v1alpha1.TriggerManual, Outcome: "Succeeded",
		DryRun: true, StartedAt: at(1), Duration: "3.2s", WarningCount: 2}
	if err := WriteHistory(&out, []v1alpha1.RunSummary{manual, refused()}, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "history.txt", out.String())
}

// No line is longer than a terminal of 80 columns, unless it holds one word that is, and no word is broken, whatever
// the names are.
func TestNoLineIsWiderThanATerminal(t *testing.T) {
	all := schedules()
	for i := range all {
		all[i].Name, all[i].Namespace = strings.Repeat("ä", 52), strings.Repeat("n", 63)
		all[i].Status.Conditions = append(all[i].Status.Conditions, condition(v1alpha1.ConditionOverdue, metav1.ConditionTrue,
			"MissedRun", strings.Repeat("x", 300)+" words"))
	}
	for name, l := range map[string]Listing{"one namespace": {Now: now}, "all namespaces": {Now: now, Namespaces: true}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := WriteList(&out, all, l); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > Width && len(strings.Fields(line)) > 1 {
					t.Errorf("%d characters: %s", n, line)
				}
			}
			for _, word := range []string{all[0].Name + "\n", strings.Repeat("x", 300) + "\n"} {
				if !strings.Contains(out.String(), word) {
					t.Errorf("a word is broken: %s", word)
				}
			}
		})
	}
}

func TestACellIsFoldedBetweenItsParts(t *testing.T) {
	for cell, want := range map[string][]string{
		"cleanup-orphaned-file-records":         {"cleanup-", "orphaned-", "file-records"},
		"Refused/DeletionCapExceeded (dry run)": {"Refused/", "DeletionCapExceeded", "(dry run)"},
		"2026-11-26 03:30 CET":                  {"2026-11-26", "03:30 CET"},
		"0,10,20,30 */6 * * *":                  {"0,10,20,30", "*/6 * * *"},
	} {
		if diff := cmp.Diff(want, folded(cellWords(cell), 12)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", cell, diff)
		}
	}
}

func TestPatchesTouchOnlyWhatTheyAreAbout(t *testing.T) {
	for name, c := range map[string]struct {
		patch []byte
		want  string
	}{
		"a run removes the dry run of the one before": {RunNowPatch("v", false),
			`{"metadata":{"annotations":{"maintenance.ucorefs.io/run-now":"v","maintenance.ucorefs.io/run-now-dry-run":null}}}`},
		"a dry run says so in the same patch": {RunNowPatch("v", true),
			`{"metadata":{"annotations":{"maintenance.ucorefs.io/run-now":"v","maintenance.ucorefs.io/run-now-dry-run":"true"}}}`},
		"suspending with a reason": {SuspendPatch(`a "b"`),
			`{"metadata":{"annotations":{"maintenance.ucorefs.io/suspend-reason":"a \"b\""}},"spec":{"suspend":true}}`},
		"suspending without one removes an older one": {SuspendPatch(""),
			`{"metadata":{"annotations":{"maintenance.ucorefs.io/suspend-reason":null}},"spec":{"suspend":true}}`},
		"resuming removes the reason": {ResumePatch(),
			`{"metadata":{"annotations":{"maintenance.ucorefs.io/suspend-reason":null}},"spec":{"suspend":false}}`},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(c.patch)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARequestSaysItselfWhetherItOnlyPlans(t *testing.T) {
	ms := made("nightly", "verify-references", "0 3 * * *", "-", nil)
	for dryRun, word := range map[bool]string{true: "plan:2026", false: "run:2026"} {
		if r := NewRequest(&ms, now, dryRun); !strings.HasPrefix(r.Value, word) || r.Run != cronjob.ManualJobName(&ms,
			r.Value, 0) {
			t.Errorf("dry run %v: %+v", dryRun, r)
		}
	}
}

// A request to a schedule that the controller has not seen would start nothing.
func TestAScheduleThatWasNotSeenIsNotAsked(t *testing.T) {
	for name, c := range map[string]struct {
		status v1alpha1.MaintenanceScheduleStatus
		says   string
	}{
		"seen": {v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: 1,
			LastOrder: &v1alpha1.RunOrder{UID: "u"}}, ""},
		"seen by an older controller": {v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: 1}, ""},
		"new": {v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: -1},
			"not seen by the controller yet"},
		"restored": {v1alpha1.MaintenanceScheduleStatus{ObservedGeneration: 1, LastOrder: &v1alpha1.RunOrder{UID: "v"}},
			"restored or copied"},
	} {
		ms := made("nightly", "verify-references", "0 3 * * *", "-",
			func(ms *v1alpha1.MaintenanceSchedule) { ms.Status = c.status })
		if err := Unseen(&ms); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWaitThatEndsSaysWhatIsTrue(t *testing.T) {
	for name, c := range map[string]struct {
		err  UnendedError
		says string
	}{
		"nothing has begun": {UnendedError{Run: "r", Word: "waits until the run x has ended", Cause: ErrTimeout},
			"r has not begun (waits until the run x has ended): it took longer than --timeout"},
		"it is under way": {UnendedError{Run: "r", Begun: true, Cause: ErrTimeout},
			"r has not ended: it took longer than --timeout; the run goes on"},
	} {
		if got := c.err.Error(); !strings.HasPrefix(got, c.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestARequestIsFollowedToItsEnd(t *testing.T) {
	plain := made("nightly", "verify-references", "0 3 * * *", "-", nil)
	r := NewRequest(&plain, now, false)
	stalled := condition(v1alpha1.ConditionStalled, metav1.ConditionTrue, "InvalidSchedule", "never fires")
	for name, c := range map[string]struct {
		change func(*v1alpha1.MaintenanceSchedule)
		want   string // the outcome, the word, or the error
	}{
		"it was not seen yet":      {func(*v1alpha1.MaintenanceSchedule) {}, "waits for the controller"},
		"another run is under way": {func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.Active = []v1alpha1.ActiveRun{{Run: "x"}} }, "waits until the run x has ended"},
		"it is under way": {func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.RunNow = r.Value },
			r.Run + " is under way"},
		"it was there when the controller first looked": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.LastOrder = &v1alpha1.RunOrder{Value: r.Value, State: v1alpha1.OrderNoted}
		}, "starts nothing: ask again"},
		"the controller rejects it": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.LastOrder, ms.Status.Message = &v1alpha1.RunOrder{Value: r.Value, State: v1alpha1.OrderRejected},
				"run-now starts nothing: unclear"
		}, "run-now starts nothing: unclear"},
		"somebody asked for another": {func(ms *v1alpha1.MaintenanceSchedule) { ms.Annotations[v1alpha1.AnnotationRunNow] = "y" }, "somebody else asked"},
		"the schedule is stalled":    {func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.Conditions = []metav1.Condition{stalled} }, "starts nothing while it is stalled"},
		"stalled is about an older spec": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Generation = 2
			ms.Status.Conditions = []metav1.Condition{stalled}
		}, "waits for the controller"},
		"too many failures stop no run by hand": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionStalled, metav1.ConditionTrue,
				v1alpha1.ReasonTooManyFailures, "3 failed")}
		}, "waits for the controller"},
		"its pod cannot start": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.RunNow = r.Value
			ms.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionRunBlocked, metav1.ConditionTrue,
				"SecretMissing", "no Secret")}
		}, "cannot start yet (SecretMissing): no Secret"},
		"it ended": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: v1alpha1.RunSummary{Run: r.Run, Outcome: "Succeeded"}}
		}, "Succeeded"},
		"it ended, and another after it": {func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Annotations[v1alpha1.AnnotationRunNow], ms.Status.RunNow = "y", "y"
			ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: v1alpha1.RunSummary{Run: "z", Outcome: "Failed"}}
			ms.Status.History = []v1alpha1.RunSummary{{Run: "z", Outcome: "Failed"}, {Run: r.Run, Outcome: "Paused"}}
		}, "Paused"},
	} {
		t.Run(name, func(t *testing.T) {
			ms := plain.DeepCopy()
			ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: r.Value}
			c.change(ms)
			p := r.Follow(ms)
			got := p.Word
			if p.Never != nil {
				got = p.Never.Error()
			} else if p.Ended != nil {
				got = p.Ended.Outcome
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// settings are a chart's.
func settings() cronjob.Settings {
	return cronjob.Settings{Image: "maint-job:test", PullPolicy: corev1.PullIfNotPresent,
		ServiceAccount: "maintenance-jobs",
		Database:       v1alpha1.DatabaseSpec{SecretName: "ucorefs-mongodb", SecretKey: "uri", Name: "media"},
		Volumes: []v1alpha1.VolumeSpec{{ClaimName: "photos", MountPath: "/library", Use: v1alpha1.UseLibrary},
			{ClaimName: "cache", MountPath: "/cache", Use: v1alpha1.UseCache}}}
}

func TestARestoreIsSetUpAsTheRunsAre(t *testing.T) {
	ms := made("missing-files", "cleanup-orphaned-file-records", "", "",
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "5 2 * * 0" })
	resolved, err := cronjob.Resolve(&ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	job, err := RestoreJob(resolved.CronJob(false, time.Time{}), "missing-files-29923904", false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "restore.yaml", string(text))
}

func TestATaskWithoutAJournalHasNothingToRestore(t *testing.T) {
	ms := made("cache", "cache-cleanup", "", "", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "5 2 * * 0" })
	resolved, err := cronjob.Resolve(&ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RestoreJob(resolved.CronJob(false, time.Time{}), "x", false); err == nil || !strings.Contains(err.Error(),
		"nothing to restore") {
		t.Errorf("the error is %v", err)
	}
}

func TestAMistypedNameFindsWhatWasMeant(t *testing.T) {
	here := schedules()
	other := made("weekly", "verify-references", "", "", func(ms *v1alpha1.MaintenanceSchedule) { ms.Namespace = "media" })
	for name, c := range map[string]struct {
		typed string
		here  []v1alpha1.MaintenanceSchedule
		want  string
	}{
		"a letter is missing":             {"cach", here, "did you mean cache?"},
		"two letters are the other way":   {"conuts-nightly", here, "did you mean counts-nightly?"},
		"it is in another namespace":      {"weekly", here, "there is one in media: add --namespace media"},
		"there are none in the namespace": {"x", nil, "list -A"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := similar(c.typed, "ucorefs", c.here, append(here, other)); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
