package cronjob

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// onVolumes is a schedule of a task with a claim for each use, all of which only that task's are mounted.
func onVolumes(task string, job *v1alpha1.JobSpec) *v1alpha1.MaintenanceSchedule {
	return scheduleOf(v1alpha1.MaintenanceScheduleSpec{
		Task: v1alpha1.TaskName(task), Schedule: "0 3 * * *", Job: job,
		Database: &v1alpha1.DatabaseSpec{SecretName: "mongodb"},
		Volumes: []v1alpha1.VolumeSpec{
			{ClaimName: "photos", MountPath: "/library", Use: v1alpha1.UseLibrary},
			{ClaimName: "thumbs", MountPath: "/cache", Use: v1alpha1.UseCache},
		},
	})
}

func TestAGroupForVolumes(t *testing.T) {
	own := &v1alpha1.JobSpec{FSGroup: new(int64(3000))}
	tests := map[string]struct {
		task     string
		job      *v1alpha1.JobSpec
		settings Settings
		group    int64
		policy   corev1.PodFSGroupChangePolicy
		note     string
	}{
		"nobody asked for one": {task: jobspec.CacheCleanup},
		"the schedule's":       {task: jobspec.CacheCleanup, job: own, group: 3000, policy: "OnRootMismatch"},
		"the chart's": {task: jobspec.CacheCleanup, settings: Settings{FSGroup: 4000}, group: 4000,
			policy: "OnRootMismatch"},
		"the schedule's, not the chart's": {task: jobspec.CacheCleanup, job: own, settings: Settings{FSGroup: 4000},
			group:  3000,
			policy: "OnRootMismatch"},
		"each file, each time": {task: jobspec.CacheCleanup, group: 3000, policy: "Always",
			job: &v1alpha1.JobSpec{FSGroup: new(int64(3000)), FSGroupChangePolicy: corev1.FSGroupChangeAlways}},
		"never a library's":               {task: jobspec.CleanupOrphanedFileRecords, job: own, note: "supplementalGroups"},
		"never a library's, by the chart": {task: jobspec.CleanupOrphanedFileRecords, settings: Settings{FSGroup: 4000}},
		"where the cluster chooses ids": {task: jobspec.CacheCleanup, job: own, settings: Settings{ClusterIDs: true},
			note: "openshift"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := Resolve(onVolumes(test.task, test.job), test.settings)
			if err != nil {
				t.Fatal(err)
			}
			var group int64
			var policy corev1.PodFSGroupChangePolicy
			if c := r.securityContext(); c.FSGroup != nil {
				group, policy = *c.FSGroup, *c.FSGroupChangePolicy
			}
			if group != test.group || policy != test.policy {
				t.Errorf("the group is %d by %q, not %d by %q", group, policy, test.group, test.policy)
			}
			if notes := strings.Join(r.Notes, "\n"); strings.Contains(notes, "fsGroup") != (test.note != "") ||
				!strings.Contains(notes, test.note) {
				t.Errorf("the notes are %q", notes)
			}
		})
	}
}

// TestALibraryIsMountedSoThatNobodyGivesItAGroup: the kubelet changes the group of no claim that a pod mounts read-only
// as a whole (csiMountMgr.supportsFSGroup and the local volume's SetUpAt in Kubernetes), whoever asks for a group.
func TestALibraryIsMountedSoThatNobodyGivesItAGroup(t *testing.T) {
	for task, want := range map[string]bool{jobspec.CleanupOrphanedFileRecords: true, jobspec.CacheCleanup: false} {
		r, err := Resolve(onVolumes(task, nil), Settings{})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.podVolumes() {
			if claim := v.PersistentVolumeClaim; claim != nil && claim.ReadOnly != want {
				t.Errorf("%s mounts %s read-only: %t", task, claim.ClaimName, claim.ReadOnly)
			}
		}
	}
}
