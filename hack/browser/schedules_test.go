package browser

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func keyOf(ms *v1alpha1.MaintenanceSchedule) client.ObjectKey { return client.ObjectKeyFromObject(ms) }

func ago(d time.Duration) *metav1.Time {
	at := metav1.NewTime(time.Now().Add(-d).Truncate(time.Second))
	return &at
}

// usual is the status of a schedule that runs every night.
func usual(status *v1alpha1.MaintenanceScheduleStatus) {
	status.Schedule, status.TimeZone = "30 2 * * *", "Europe/Berlin"
	status.Description = "at 02:30 every day (Europe/Berlin)"
	next := metav1.NewTime(night(-1))
	status.NextScheduleTime, status.NextScheduleTimes = &next, []metav1.Time{next, metav1.NewTime(night(-2))}
	status.NextRun = "tomorrow"
	status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue,
		Reason: v1alpha1.ReasonInSync, Message: "in sync", LastTransitionTime: *ago(time.Hour)}}
}

// night is 02:30 in Berlin: of the next night, or for 0 and above of the last one and of so many before it.
func night(before int) time.Time {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	now := time.Now().In(berlin)
	at := time.Date(now.Year(), now.Month(), now.Day(), 2, 30, 0, 0, berlin)
	if at.After(now) {
		at = at.AddDate(0, 0, -1)
	}
	return at.AddDate(0, 0, -before)
}

// said is what a run says that found so much.
type said func(found int64) (message string, counts map[string]int64)

func broken(found int64) (string, map[string]int64) {
	return fmt.Sprintf("%d broken references in 182044 documents", found), map[string]int64{"filesChecked": 182044,
		"brokenTagRefs": found}
}

func gone(found int64) (string, map[string]int64) {
	return fmt.Sprintf("deleted the records of %d files", found), map[string]int64{"filesChecked": 182044,
		"recordsMissing": found, "recordsDeleted": found}
}

func miscounted(found int64) (string, map[string]int64) {
	return fmt.Sprintf("corrected %d counters", found), map[string]int64{"filesScanned": 182044, "tagsUpdated": found}
}

func rotated(found int64) (string, map[string]int64) {
	return fmt.Sprintf("rotated %d log files", found), map[string]int64{"filesRotated": found, "bytesFreed": found << 20}
}

// nameOf is the name of a schedule's run, as the controller-manager names the Job of a CronJob: by the minute.
func nameOf(schedule string, before int) string {
	return fmt.Sprintf("%s-%d", schedule, night(before).Unix()/60)
}

// nights are runs of the last nights, latest first, which find more each time.
func nights(name string, n int, says said) (runs []v1alpha1.RunSummary) {
	for i := range n {
		took, at := time.Duration(40+3*(n-i))*time.Second, night(i)
		message, counts := says(int64(3 * (n - i)))
		started, finished := metav1.NewTime(at), metav1.NewTime(at.Add(took))
		runs = append(runs, v1alpha1.RunSummary{Run: nameOf(name, i), Trigger: v1alpha1.TriggerScheduled,
			Outcome: "Succeeded",
			Message: message, Attempts: 1, StartedAt: &started, FinishedAt: &finished, Duration: took.String(), Counts: counts})
	}
	return runs
}

func ended(status *v1alpha1.MaintenanceScheduleStatus, runs []v1alpha1.RunSummary) {
	status.History = runs
	status.LastRun = &v1alpha1.RunResult{RunSummary: runs[0]}
}

// fill makes a schedule in each state.
func (l *lab) fill() {
	l.create("references-nightly", "verify-references", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		ended(&ms.Status, nights(ms.Name, 10, broken))
		ms.Spec.Window = &v1alpha1.WindowSpec{Start: "22:00", End: "06:00"}
		ms.Status.MissedRuns = map[string]int64{"NotIdle": 2}
		ms.Status.LastMissed = &v1alpha1.MissedRun{Time: *ago(50 * time.Hour), Reason: "NotIdle",
			Message: "the library was in use"}
	})
	l.create("gone-weekly", "cleanup-orphaned-file-records", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		runs := nights(ms.Name, 6, gone)
		runs[0].Outcome, runs[0].Reason, runs[0].Message = "Refused", "DeletionCapExceeded",
			"1204 deletions are planned and the limits allow 1000"
		runs[0].Counts = map[string]int64{"filesChecked": 182044, "recordsMissing": 1204, "recordsDeleted": 0}
		ended(&ms.Status, runs)
		ms.Status.LastRun.PlanDigest = "sha256:5e1f0c3a"
		ms.Status.LastRun.Sample = []string{"/library/photos/2019/IMG_0001.jpg", "/library/photos/2019/IMG_0002.jpg"}
		ms.Status.LastRun.Warnings = []string{"1 root was slow to list"}
	})
	l.create("counts-nightly", "rebuild-all-counts", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		ended(&ms.Status, nights(ms.Name, 8, miscounted))
		ms.Status.Active = []v1alpha1.ActiveRun{{Run: "counts-nightly-now-806946", StartedAt: ago(time.Minute),
			Progress: &v1alpha1.RunProgress{
				Time: *ago(0), Attempt: 1, Step: 2, Name: "counting files", Percent: new(int32(41)), Done: 74620, Total: 182044,
				PerSecond: 12310, TimeLeft: "9s"}}}
	})
	l.create("cache-hourly", "cache-cleanup", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		ms.Spec.Suspend = true
		ms.Annotations = map[string]string{v1alpha1.AnnotationSuspendReason: "the disk is being replaced"}
		ms.Status.NextScheduleTime, ms.Status.NextRun = nil, "suspended"
	})
	l.create("logs-daily", "log-rotation", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		runs := nights(ms.Name, 5, rotated)
		runs[0].Outcome, runs[0].Reason, runs[0].Message = "Failed", "DatabaseUnreachable", "no server answered within 30s"
		ended(&ms.Status, runs)
	})
	l.create("vectors-weekly", "database-optimization", func(ms *v1alpha1.MaintenanceSchedule) { usual(&ms.Status) })
}
