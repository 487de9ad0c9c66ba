package controller

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// on is a schedule of a task on one claim.
func on(task v1alpha1.TaskName, claim, subPath string, use v1alpha1.VolumeUse) v1alpha1.MaintenanceScheduleSpec {
	spec := nightly()
	spec.Task = task
	spec.Volumes = []v1alpha1.VolumeSpec{{ClaimName: claim, SubPath: subPath, MountPath: "/data", Use: use}}
	return spec
}

// Seen to fail, with a CronJob that deletes the library, when a schedule was compared with itself and the chart's
// values only.
func TestTheLibraryOfAnotherScheduleIsNotCleaned(t *testing.T) {
	l := newLab(t)
	l.create("photos", on("cleanup-orphaned-file-records", "data", "", v1alpha1.UseLibrary))
	l.create("cache", on("cache-cleanup", "data", "thumbs", v1alpha1.UseCache))
	l.create("logs", on("log-rotation", "data", "logs", v1alpha1.UseLogs))
	l.create("beside", on("cache-cleanup", "other", "", v1alpha1.UseCache))
	for _, name := range []string{"cache", "logs"} {
		c := l.untilCondition(name, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidParameters)
		if !strings.Contains(c.Message, "the library of the schedule photos") {
			t.Errorf("%s does not name the other schedule: %s", name, c.Message)
		}
		if made := l.cronJob(name); made != nil {
			t.Errorf("%s has a CronJob", name)
		}
	}
	l.untilReady("photos")
	l.untilReady("beside")
}

// Seen to fail, with CronJobs that delete the logs and the index, when only libraries were compared.
func TestTheLogsAndTheIndexOfAnotherScheduleAreNotDeletedAsACache(t *testing.T) {
	l := newLab(t)
	l.create("rotate", on("log-rotation", "logs", "app", v1alpha1.UseLogs))
	l.create("faiss", on("database-optimization", "vectors", "", v1alpha1.UseIndex))
	l.create("above", on("cache-cleanup", "logs", "", v1alpha1.UseCache))
	l.create("same", on("cache-cleanup", "vectors", "", v1alpha1.UseCache))
	for name, says := range map[string]string{"above": "the logs of the schedule rotate",
		"same": "the index of the schedule faiss"} {
		c := l.untilCondition(name, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidParameters)
		if !strings.Contains(c.Message, says) {
			t.Errorf("%s does not name the other schedule: %s", name, c.Message)
		}
	}
	l.untilReady("rotate")
	l.untilReady("faiss")
}

// Seen to fail, waiting for ever, when nothing had the schedule that cleans looked at again.
func TestAScheduleThatCleansFollowsTheLibrariesOfOthers(t *testing.T) {
	l := newLab(t)
	l.create("cache", on("cache-cleanup", "data", "thumbs", v1alpha1.UseCache))
	l.untilReady("cache")
	stalled := func() {
		t.Helper()
		l.untilCondition("cache", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidParameters)
		if !*l.cronJob("cache").Spec.Suspend {
			t.Error("the CronJob is not held")
		}
	}
	move := func(to string) {
		l.change("photos", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Volumes[0].SubPath = to })
	}
	l.create("photos", on("cleanup-orphaned-file-records", "data", "", v1alpha1.UseLibrary))
	stalled()
	move("photos")
	l.untilReady("cache")
	move("thumbs/2024")
	stalled()
	if err := l.Client.Delete(t.Context(), l.schedule("photos")); err != nil {
		t.Fatal(err)
	}
	l.untilReady("cache")
}
