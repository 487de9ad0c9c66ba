package manifests_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/manifests"
)

// schedule is a file with one schedule.
func schedule(general, members string) []byte {
	return fmt.Appendf(nil, `{"ui": {"theme": "dark"}, "maintenance": {%s "schedule": {"cache_cleanup": {%s}}}}`,
		general, members)
}

// Each row is what a file says in general and of one schedule, and the whole spec that comes of it.
func TestEachKeyHasItsMeaning(t *testing.T) {
	for name, c := range map[string]struct{ general, members, spec string }{
		"the name is the task": {"", `"interval_hours": 6`, `{task: cache-cleanup, interval: 6h}`},
		"the handler is the task": {"", `"interval_hours": 6, "handler": "maintenance_orphaned_cleanup"`,
			`{task: cleanup-orphaned-file-records, interval: 6h}`},
		"no handler": {"", `"interval_hours": 6, "handler": null`, `{task: cache-cleanup, interval: 6h}`},
		"the intervals are added up": {"", `"interval_minutes": 30, "interval_hours": 1, "interval_days": 2`,
			`{task: cache-cleanup, interval: 49h30m}`},
		"a part of an hour": {"", `"interval_hours": 0.75`, `{task: cache-cleanup, interval: 45m}`},
		"a week":            {"", `"interval_days": 7`, `{task: cache-cleanup, interval: 168h}`},
		"enabled": {`"enabled": true,`, `"interval_hours": 6, "enabled": true`,
			`{task: cache-cleanup, interval: 6h}`},
		"disabled": {"", `"interval_hours": 6, "enabled": false`,
			`{task: cache-cleanup, interval: 6h, suspend: true}`},
		"all disabled": {`"enabled": false,`, `"interval_hours": 6, "enabled": true`,
			`{task: cache-cleanup, interval: 6h, suspend: true}`},
		"a delay": {"", `"interval_hours": 6, "initial_delay_seconds": 300`,
			`{task: cache-cleanup, interval: 6h, initialDelay: 5m}`},
		"a preferred hour of a day": {"", `"interval_hours": 24, "preferred_hour": 3`,
			`{task: cache-cleanup, interval: 24h, preferredHour: 3, timeZone: Europe/Berlin}`},
		"a preferred hour and a divisor of a day": {"", `"interval_hours": 6, "preferred_hour": 0`,
			`{task: cache-cleanup, interval: 6h, preferredHour: 0, timeZone: Europe/Berlin}`},
		"no preferred hour, and no zone": {"", `"interval_hours": 6, "preferred_hour": null`,
			`{task: cache-cleanup, interval: 6h}`},
		"idle only": {`"idle_threshold_minutes": 7,`, `"interval_hours": 6, "run_on_idle_only": true`,
			`{task: cache-cleanup, interval: 6h, idle: {threshold: 7m}}`},
		"idle only, and no threshold": {"", `"interval_hours": 6, "run_on_idle_only": true`,
			`{task: cache-cleanup, interval: 6h, idle: {threshold: 5m}}`},
		"no idle detection": {`"use_idle_detection": false,`, `"interval_hours": 6, "run_on_idle_only": true`,
			`{task: cache-cleanup, interval: 6h}`},
		"not idle only": {`"use_idle_detection": true,`, `"interval_hours": 6`, `{task: cache-cleanup, interval: 6h}`},
		"the size and the age of a cache": {"", `"interval_hours": 6, "max_cache_size_gb": 2.5, "max_age_days": 0`,
			`{task: cache-cleanup, interval: 6h, cacheCleanup: {maxSize: 2560Mi, maxAgeDays: 0}}`},
		"the size and the number of logs": {
			"", `"interval_hours": 6, "handler": "log_rotation", "max_log_size_mb": 1, "max_log_files": 3`,
			`{task: log-rotation, interval: 6h, logRotation: {maxSize: 1Mi, maxFiles: 3}}`},
		"the ages of old records": {
			"", `"interval_days": 7, "handler": "database_cleanup", "task_retention_days": 14,
				"journal_retention_days": 0`,
			`{task: cleanup-old-records, interval: 168h,
        cleanupOldRecords: {taskRetentionDays: 14, journalRetentionDays: 0}}`},
		"the age of old tasks only": {
			"", `"interval_days": 7, "handler": "database_cleanup", "task_retention_days": 14`,
			`{task: cleanup-old-records, interval: 168h, cleanupOldRecords: {taskRetentionDays: 14}}`},
	} {
		t.Run(name, func(t *testing.T) { sameSpec(t, schedule(c.general, c.members), c.spec) })
	}
}

// Python writes a whole number that went through a division as 3.0, and JSON knows no other kind of number.
func TestAWholeNumberMayHaveAPoint(t *testing.T) {
	for name, c := range map[string]struct{ members, spec string }{
		"of a cache": {
			`"interval_hours": 6.0, "initial_delay_seconds": 3e2, "preferred_hour": 3.0,
				"max_cache_size_gb": 10.0, "max_age_days": 30.0`,
			`{task: cache-cleanup, interval: 6h, initialDelay: 5m, preferredHour: 3, timeZone: Europe/Berlin,
        cacheCleanup: {maxSize: 10Gi, maxAgeDays: 30}}`},
		"of logs": {
			`"interval_minutes": 5.0, "handler": "log_rotation", "max_log_files": 1e1, "max_log_size_mb": 100.0`,
			`{task: log-rotation, interval: 5m, logRotation: {maxSize: 100Mi, maxFiles: 10}}`},
		"of old records": {
			`"interval_days": 7.0, "handler": "database_cleanup", "task_retention_days": 30.0,
				"journal_retention_days": 90.0`,
			`{task: cleanup-old-records, interval: 168h,
        cleanupOldRecords: {taskRetentionDays: 30, journalRetentionDays: 90}}`},
	} {
		t.Run(name, func(t *testing.T) { sameSpec(t, schedule(`"idle_threshold_minutes": 5.0,`, c.members), c.spec) })
	}
}

// sameSpec compares what comes of a file with one schedule; the resource's own types read it, too.
func sameSpec(t *testing.T, config []byte, want string) {
	t.Helper()
	text := written(t, config, manifests.Options{TimeZone: "Europe/Berlin"})
	parsed(t, text)
	var got struct{ Spec map[string]any }
	var wanted map[string]any
	if err := yaml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got.Spec); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A task gets the volumes that it works on, and the database if it uses one.
func TestAScheduleGetsWhatItsTaskWorksOn(t *testing.T) {
	for handler, want := range map[string]struct {
		volumes  int
		database bool
	}{
		"cache_cleanup":         {2, false},
		"log_rotation":          {1, false},
		"orphaned_cleanup":      {1, true},
		"database_optimization": {1, true},
		"verify_references":     {0, true},
		"database_cleanup":      {0, true},
	} {
		out := parsed(t, written(t, schedule("", fmt.Sprintf(`"interval_hours": 6, "handler": %q`, handler)), options))
		if s := out[0].Spec; len(s.Volumes) != want.volumes || (s.Database != nil) != want.database {
			t.Errorf("%s: %+v %+v", handler, s.Volumes, s.Database)
		}
	}
}

// Whatever task declares a key, the key becomes the declared field of that task, and is refused in another task's
// schedule.
func TestEveryDeclaredKeyIsRead(t *testing.T) {
	for _, task := range jobspec.Tasks() {
		for _, p := range task.Parameters {
			if p.ConfigKey == "" {
				continue
			}
			value, field := "2", "2"
			switch p.Kind() {
			case jobspec.Size:
				field += strings.TrimSuffix(p.Unit.String(), "B")
			case jobspec.Switch:
				value, field = "true", "true"
			}
			of := func(task string) []byte {
				return schedule("", fmt.Sprintf(`"interval_hours": 6, "handler": %q, %q: %s`, task, p.ConfigKey, value))
			}
			spec := `{task: ` + task.Name + `, interval: 6h, ` + task.Member() + `: {` + p.Field + `: ` + field + `}}`
			sameSpec(t, of(task.Name), spec)
			_, err := manifests.Convert(of(jobspec.VerifyReferences), manifests.Options{})
			if err == nil || !strings.Contains(err.Error(), p.ConfigKey+": it is a parameter of "+task.Name) {
				t.Errorf("%s in a schedule of %s: %v", p.ConfigKey, jobspec.VerifyReferences, err)
			}
		}
	}
}
