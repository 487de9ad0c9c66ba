package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

const twoSchedules = `{"maintenance": {"schedule": {
	"orphaned_cleanup": {"interval_hours": 24, "preferred_hour": 3},
	"cache_cleanup": {"interval_hours": 6, "max_age_days": 20}}}}`

func TestImportAppliesWhatTheFileSays(t *testing.T) {
	l := newLab(t)
	file := filepath.Join(t.TempDir(), "config.json")
	write := func(config string) {
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(twoSchedules)
	l.maint("import", file, "--dry-run=client", "--cache-dir=cache=/cache").want(t, 0, "kind: MaintenanceSchedule",
		"claimName: cache", "preferred_hour is taken as UTC")
	l.maint("import", file, "--dry-run=server").want(t, 0, "cache-cleanup applied (server dry run)")
	l.maint("list").want(t, 0, "No schedules")
	l.maint("import", file, "--cache-dir=cache=/cache", "--time-zone=Europe/Berlin").want(t, 0, "orphaned-cleanup applied",
		"cache-cleanup applied")

	l.maint("suspend", "cache-cleanup").want(t, 0)
	write(strings.Replace(twoSchedules, "20", "25", 1))
	l.maint("import", file, "--cache-dir=cache=/cache").want(t, 0)
	if ms := l.schedule("cache-cleanup"); *ms.Spec.CacheCleanup.MaxAgeDays != 25 || !ms.Spec.Suspend {
		t.Errorf("after another import: %+v", ms.Spec)
	}
}

func TestImportAppliesTheApplicationsDefaults(t *testing.T) {
	l := newLab(t)
	l.maintIn(strings.NewReader(`{"mongo": {"database_name": "my_library"}}`), "import", "-f", "-").want(t, 0,
		"these are the 6 that UCore FS has by default", "(jobs.volumes): cache-cleanup (--cache-dir CLAIM=PATH)",
		"database-cleanup applied")
	if spec := l.schedule("database-cleanup").Spec; spec.Task != "cleanup-old-records" ||
		spec.Database.Name != "my_library" {
		t.Errorf("applied: %+v", spec)
	}
}

func TestImportSaysWhatIsWrongAndAppliesNothing(t *testing.T) {
	l := newLab(t)
	wrong := strings.Replace(twoSchedules, `"interval_hours": 6`, `"interval_hours": 0`, 1)
	l.maintIn(strings.NewReader(wrong), "import", "-f", "-").want(t, 65,
		"maintenance.schedule.cache_cleanup.interval_hours: the interval is zero", "nothing was applied")
	l.maint("list").want(t, 0, "No schedules")
	l.maintIn(strings.NewReader(wrong), "import", "-f", "-", "--keep-going").want(t, 65, "orphaned-cleanup applied")
	l.maintIn(strings.NewReader(strings.Replace(twoSchedules, "orphaned_cleanup", "orphand_cleanup", 1)), "import", "-f",
		"-").want(t, 65,
		`its name "orphand_cleanup" is no task's: did you mean "cleanup-orphaned-file-records"?`)
	l.maint("import").want(t, 64, "which file?")
	l.maint("import", "x", "--library-root=data=/l", "--cache-dir=data=/c").want(t, 64, "both name the claim data")
	l.maint("import", "x", "--dry-run=maybe").want(t, 64, "write client, server or none")
	l.maint("import", "/nonexistent/config.json").want(t, 1, "no such file")
}

// Somebody else's field is not taken over in silence.
func TestImportRefusesAFieldThatSomebodyElseApplied(t *testing.T) {
	l := newLab(t)
	l.create("cache-cleanup", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Task = "log-rotation" })
	l.maintIn(strings.NewReader(twoSchedules), "import", "-f", "-").want(t, 1, "orphaned-cleanup applied",
		"apply the schedule cache-cleanup", "--force-conflicts")
}

// Seen to fail, with the two schedules stored, when only the flags of one import were compared.
func TestImportRefusesWhatAnotherScheduleWouldLose(t *testing.T) {
	l := newLab(t)
	l.create("faiss", func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Task = "database-optimization"
		ms.Spec.Volumes = []v1alpha1.VolumeSpec{{ClaimName: "data", MountPath: "/index", Use: v1alpha1.UseIndex}}
	})
	config := strings.NewReader(twoSchedules)
	l.maintIn(config, "import", "-f", "-", "--cache-dir=data=/cache").want(t, 1, "orphaned-cleanup applied",
		"apply the schedule cache-cleanup", "the index of the schedule faiss")
	if exists := l.maint("suspend", "cache-cleanup"); exists.code == 0 {
		t.Error("cache-cleanup was stored")
	}
}
