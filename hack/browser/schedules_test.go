package browser

import (
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
	status.NextScheduleTime = ago(-5 * time.Hour)
	status.NextScheduleTimes = []metav1.Time{*ago(-5 * time.Hour), *ago(-29 * time.Hour)}
	status.NextRun = "tomorrow"
	status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonInSync, Message: "in sync", LastTransitionTime: *ago(time.Hour)}}
}

// nights are runs of the last nights, latest first, whose drift grows.
func nights(name string, n int) (runs []v1alpha1.RunSummary) {
	for i := range n {
		took := time.Duration(40+3*(n-i)) * time.Second
		runs = append(runs, v1alpha1.RunSummary{Run: name + "-2992390" + string(rune('0'+i%10)), Trigger: v1alpha1.TriggerScheduled, Outcome: "Succeeded",
			Message: "all references are right", Attempts: 1, StartedAt: ago(time.Duration(24*i+3) * time.Hour), FinishedAt: ago(time.Duration(24*i+3)*time.Hour - took),
			Duration: took.String(), Counts: map[string]int64{"filesChecked": 182044 - int64(i)*12, "brokenTagRefs": int64(3 * (n - i))}})
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
		ended(&ms.Status, nights(ms.Name, 10))
		ms.Spec.Window = &v1alpha1.WindowSpec{Start: "22:00", End: "06:00"}
		ms.Status.MissedRuns = map[string]int64{"NotIdle": 2}
		ms.Status.LastMissed = &v1alpha1.MissedRun{Time: *ago(50 * time.Hour), Reason: "NotIdle", Message: "the library was in use"}
	})
	l.create("gone-weekly", "cleanup-orphaned-file-records", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		runs := nights(ms.Name, 6)
		runs[0].Outcome, runs[0].Reason, runs[0].Message = "Refused", "DeletionCapExceeded", "1204 deletions are planned and the limits allow 1000"
		runs[0].Counts = map[string]int64{"filesChecked": 182044, "recordsMissing": 1204, "recordsDeleted": 0}
		ended(&ms.Status, runs)
		ms.Status.LastRun.PlanDigest = "sha256:5e1f0c3a"
		ms.Status.LastRun.Sample = []string{"/photos/2019/a.jpg", "/photos/2019/b.jpg"}
		ms.Status.LastRun.Warnings = []string{"1 root was slow to list"}
	})
	l.create("counts-nightly", "rebuild-all-counts", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		ended(&ms.Status, nights(ms.Name, 8))
		ms.Status.Active = []v1alpha1.ActiveRun{{Run: "counts-nightly-29923944", StartedAt: ago(time.Minute), Progress: &v1alpha1.RunProgress{
			Time: *ago(0), Attempt: 1, Step: 2, Name: "counting files", Percent: new(int32(41)), Done: 74620, Total: 182044, PerSecond: 12310, TimeLeft: "9s"}}}
	})
	l.create("cache-hourly", "cache-cleanup", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		ms.Spec.Suspend = true
		ms.Annotations = map[string]string{v1alpha1.AnnotationSuspendReason: "the disk is being replaced"}
		ms.Status.NextScheduleTime, ms.Status.NextRun = nil, "suspended"
	})
	l.create("logs-daily", "log-rotation", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		runs := nights(ms.Name, 5)
		runs[0].Outcome, runs[0].Reason, runs[0].Message = "Failed", "DatabaseUnreachable", "no server answered within 30s"
		ended(&ms.Status, runs)
	})
	l.create("vectors-weekly", "database-optimization", func(ms *v1alpha1.MaintenanceSchedule) { usual(&ms.Status) })
}
