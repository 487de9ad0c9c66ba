package cronjob

import (
	"errors"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// Seen to fail, with the originals mounted as a cache, when only the folders in the pod were compared.
func TestAFolderThatIsCleanedOverlapsNoLibrary(t *testing.T) {
	library := func(claim, subPath string) v1alpha1.VolumeSpec {
		return v1alpha1.VolumeSpec{ClaimName: claim, MountPath: "/library/photos", SubPath: subPath, Use: v1alpha1.UseLibrary}
	}
	cache := func(claim, subPath string) v1alpha1.VolumeSpec {
		return v1alpha1.VolumeSpec{ClaimName: claim, MountPath: "/cache", SubPath: subPath, Use: v1alpha1.UseCache}
	}
	for name, c := range map[string]struct {
		library, cache v1alpha1.VolumeSpec
		refused        bool
	}{
		"another claim":                         {library("photos", ""), cache("cache", ""), false},
		"the same claim":                        {library("photos", ""), cache("photos", ""), true},
		"a folder of the library":               {library("photos", ""), cache("photos", "thumbs"), true},
		"the folder of the library":             {library("data", "photos"), cache("data", "photos/"), true},
		"a claim that holds the library":        {library("data", "photos"), cache("data", ""), true},
		"a folder that holds the library":       {library("data", "home/photos"), cache("data", "home"), true},
		"a folder beside it":                    {library("data", "photos"), cache("data", "thumbs"), false},
		"a folder whose name begins as its own": {library("data", "photos"), cache("data", "photos-cache"), false},
		"a folder below one of that name":       {library("data", "photos"), cache("data", "photos-cache/a"), false},
		"the folder, written otherwise":         {library("data", "./photos"), cache("data", "photos/./2024"), true},
	} {
		t.Run(name, func(t *testing.T) {
			for where, both := range map[string]bool{"the schedule": true, "the chart's values": false} {
				s := settings()
				s.Volumes = []v1alpha1.VolumeSpec{c.library}
				spec := v1alpha1.MaintenanceScheduleSpec{Task: jobspec.CacheCleanup, Schedule: "@daily",
					Volumes: []v1alpha1.VolumeSpec{c.cache}}
				if both {
					s.Volumes, spec.Volumes = nil, []v1alpha1.VolumeSpec{c.library, c.cache}
				}
				_, err := Resolve(scheduleOf(spec), s)
				var problem *Problem
				switch {
				case !c.refused && err != nil:
					t.Errorf("the library is in %s: %v", where, err)
				case c.refused && (!errors.As(err, &problem) || problem.Reason != v1alpha1.ReasonInvalidParameters):
					t.Errorf("the library is in %s: got %v", where, err)
				case c.refused && !strings.Contains(problem.Message, "subPath"):
					t.Errorf("it does not say what to write: %q", problem.Message)
				}
			}
		})
	}
}

func TestLogsOverlapNoLibrary(t *testing.T) {
	spec := v1alpha1.MaintenanceScheduleSpec{Task: jobspec.LogRotation, Schedule: "@daily", Volumes: []v1alpha1.VolumeSpec{
		{ClaimName: "data", MountPath: "/logs", Use: v1alpha1.UseLogs}, {ClaimName: "data", MountPath: "/library",
			SubPath: "photos", Use: v1alpha1.UseLibrary},
	}}
	if _, err := Resolve(scheduleOf(spec), settings()); err == nil || !strings.Contains(err.Error(), "use Logs") {
		t.Errorf("got %v", err)
	}
	spec.Task = jobspec.CleanupOrphanedFileRecords // which deletes nothing from a volume
	spec.Volumes[0].Use, spec.Volumes[0].MountPath = v1alpha1.UseCache, "/cache"
	if _, err := Resolve(scheduleOf(spec), settings()); err != nil {
		t.Errorf("got %v", err)
	}
}

// Seen to fail: each of them was Ready.
func TestTwoVolumesOfOneUseShareNoFolder(t *testing.T) {
	for name, c := range map[string]struct {
		first, second string // the folders of one claim
		refused       bool
	}{
		"a claim twice":            {"", "", true},
		"a folder twice":           {"a", "a/", true},
		"a claim and its folder":   {"", "a", true},
		"a folder below the first": {"a", "a/b", true},
		"a folder above the first": {"a/b", "a", true},
		"two folders of a claim":   {"a", "b", false},
		"folders with names alike": {"a", "ab", false},
	} {
		for use, task := range map[v1alpha1.VolumeUse]v1alpha1.TaskName{
			v1alpha1.UseLibrary: jobspec.CleanupOrphanedFileRecords, v1alpha1.UseCache: jobspec.CacheCleanup,
		} {
			t.Run(name+", "+string(use), func(t *testing.T) {
				volumes := []v1alpha1.VolumeSpec{
					{ClaimName: "data", MountPath: "/data/a", SubPath: c.first, Use: use},
					{ClaimName: "data", MountPath: "/data/b", SubPath: c.second, Use: use},
				}
				_, err := Resolve(scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: task, Schedule: "@daily", Volumes: volumes}),
					settings())
				if c.refused && (err == nil || !strings.Contains(err.Error(), "work on its files twice: remove one")) {
					t.Errorf("got %v", err)
				}
				if !c.refused && err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Seen to fail: cache-cleanup took the claim of the logs.
func TestACacheHoldsNothingOfAnotherUse(t *testing.T) {
	for name, c := range map[string]struct {
		cache   string
		other   v1alpha1.VolumeSpec
		refused bool
	}{
		"logs in it":       {"", v1alpha1.VolumeSpec{SubPath: "logs", Use: v1alpha1.UseLogs}, true},
		"indexes in it":    {"x", v1alpha1.VolumeSpec{SubPath: "x/faiss", Use: v1alpha1.UseIndex}, true},
		"logs as well":     {"", v1alpha1.VolumeSpec{Use: v1alpha1.UseLogs}, true},
		"indexes above it": {"x", v1alpha1.VolumeSpec{Use: v1alpha1.UseIndex}, false},
		"logs beside it":   {"x", v1alpha1.VolumeSpec{SubPath: "logs", Use: v1alpha1.UseLogs}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.other.ClaimName, c.other.MountPath = "data", "/data"
			volumes := []v1alpha1.VolumeSpec{{ClaimName: "data", MountPath: "/cache", SubPath: c.cache, Use: v1alpha1.UseCache},
				c.other}
			_, err := Resolve(scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: jobspec.CacheCleanup, Schedule: "@daily",
				Volumes: volumes}), settings())
			if c.refused != (err != nil && strings.Contains(err.Error(), "would delete from it")) {
				t.Errorf("got %v", err)
			}
		})
	}
}
