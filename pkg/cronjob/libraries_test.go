package cronjob

import (
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func TestTheLibrariesOfOtherSchedulesAreCompared(t *testing.T) {
	volume := func(claim, subPath string, use v1alpha1.VolumeUse) v1alpha1.VolumeSpec {
		return v1alpha1.VolumeSpec{ClaimName: claim, SubPath: subPath, MountPath: "/data", Use: use}
	}
	others := []Library{{"photos", volume("data", "photos", v1alpha1.UseLibrary)}, {"films", volume("films", "", v1alpha1.UseLibrary)}}
	for name, c := range map[string]struct {
		task    string
		cleaned v1alpha1.VolumeSpec
		refused bool
	}{
		"another claim":                             {jobspec.CacheCleanup, volume("cache", "", v1alpha1.UseCache), false},
		"a folder beside the library":               {jobspec.CacheCleanup, volume("data", "thumbs", v1alpha1.UseCache), false},
		"the claim that holds it":                   {jobspec.CacheCleanup, volume("data", "", v1alpha1.UseCache), true},
		"a folder in the second library":            {jobspec.CacheCleanup, volume("films", "thumbs", v1alpha1.UseCache), true},
		"its logs":                                  {jobspec.LogRotation, volume("data", "photos/logs", v1alpha1.UseLogs), true},
		"a task that only reads it":                 {jobspec.CleanupOrphanedFileRecords, volume("data", "photos", v1alpha1.UseLibrary), false},
		"an index, beside which nothing is deleted": {jobspec.DatabaseOptimization, volume("data", "photos", v1alpha1.UseIndex), false},
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
