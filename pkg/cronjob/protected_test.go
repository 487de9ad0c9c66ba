package cronjob

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func TestTheVolumesOfOtherSchedulesAreCompared(t *testing.T) {
	volume := func(claim, subPath string, use v1alpha1.VolumeUse) v1alpha1.VolumeSpec {
		return v1alpha1.VolumeSpec{ClaimName: claim, SubPath: subPath, MountPath: "/data", Use: use}
	}
	others := []Protected{
		{"photos", volume("data", "photos", v1alpha1.UseLibrary)}, {"films", volume("films", "", v1alpha1.UseLibrary)},
		{"rotate", volume("app", "var/log", v1alpha1.UseLogs)}, {"faiss", volume("vectors", "", v1alpha1.UseIndex)},
	}
	for name, c := range map[string]struct {
		task    string
		cleaned v1alpha1.VolumeSpec
		refused bool
	}{
		"another claim": {jobspec.CacheCleanup, volume("cache", "", v1alpha1.UseCache), false},
		"a folder beside the library": {jobspec.CacheCleanup, volume("data", "thumbs", v1alpha1.UseCache),
			false},
		"the claim that holds it": {jobspec.CacheCleanup, volume("data", "", v1alpha1.UseCache), true},
		"a folder in the second library": {jobspec.CacheCleanup, volume("films", "thumbs", v1alpha1.UseCache),
			true},
		"its logs": {jobspec.LogRotation, volume("data", "photos/logs", v1alpha1.UseLogs), true},
		"a task that only reads it": {jobspec.CleanupOrphanedFileRecords, volume("data", "photos", v1alpha1.UseLibrary),
			false},
		"an index, beside which nothing is deleted": {jobspec.DatabaseOptimization,
			volume("data", "photos", v1alpha1.UseIndex), false},
		"a cache that holds the logs":      {jobspec.CacheCleanup, volume("app", "var", v1alpha1.UseCache), true},
		"a cache that is the logs":         {jobspec.CacheCleanup, volume("app", "var/log", v1alpha1.UseCache), true},
		"a cache in the logs":              {jobspec.CacheCleanup, volume("app", "var/log/cache", v1alpha1.UseCache), false},
		"a cache that is the index":        {jobspec.CacheCleanup, volume("vectors", "", v1alpha1.UseCache), true},
		"the same logs, which have a lock": {jobspec.LogRotation, volume("app", "var/log", v1alpha1.UseLogs), false},
		"logs in the folder of the index":  {jobspec.LogRotation, volume("vectors", "", v1alpha1.UseLogs), false},
	} {
		t.Run(name, func(t *testing.T) {
			for where, own := range map[string]bool{"the schedule": true, "the chart's values": false} {
				s, spec := settings(), v1alpha1.MaintenanceScheduleSpec{Task: v1alpha1.TaskName(c.task), Schedule: "@daily"}
				if own {
					spec.Volumes = []v1alpha1.VolumeSpec{c.cleaned}
				} else {
					s.Volumes = []v1alpha1.VolumeSpec{c.cleaned}
				}
				r, err := Resolve(scheduleOf(spec), s)
				if err != nil {
					t.Fatal(err)
				}
				if problem := r.ProblemWith(others); (problem != nil) != c.refused {
					t.Errorf("the volume is in %s: %v", where, problem)
				}
			}
		})
	}
}

func TestOfTwoSchedulesTheOneThatWouldDeleteIsNamed(t *testing.T) {
	schedule := func(name, task string, volumes ...v1alpha1.VolumeSpec) *v1alpha1.MaintenanceSchedule {
		ms := scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: v1alpha1.TaskName(task), Schedule: "@daily",
			Volumes: volumes})
		ms.Name = name
		return ms
	}
	on := func(use v1alpha1.VolumeUse, subPath string) v1alpha1.VolumeSpec {
		return v1alpha1.VolumeSpec{ClaimName: "data", SubPath: subPath, MountPath: "/data", Use: use}
	}
	cache, faiss := schedule("cache", jobspec.CacheCleanup, on(v1alpha1.UseCache, "")),
		schedule("faiss", jobspec.DatabaseOptimization, on(v1alpha1.UseIndex, "index"))
	for _, pair := range [][2]*v1alpha1.MaintenanceSchedule{{cache, faiss}, {faiss, cache}} {
		err := ProblemBetween(pair[0], pair[1])
		if err == nil || !strings.HasPrefix(err.Error(), "schedule cache: ") || !strings.Contains(err.Error(),
			"the index of the schedule faiss") {
			t.Errorf("%s beside %s: %v", pair[0].Name, pair[1].Name, err)
		}
	}
	if err := ProblemBetween(faiss, schedule("apart", jobspec.CacheCleanup, on(v1alpha1.UseCache, "thumbs"))); err != nil {
		t.Error(err)
	}
}
