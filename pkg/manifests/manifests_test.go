package manifests_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/clustertest"
	"ucorefs.io/maintenance/pkg/manifests"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

var update = flag.Bool("update", false, "write what testdata should hold")

// options are all that flags can give.
var options = manifests.Options{
	Namespace: "media", TimeZone: "Europe/Berlin", Database: manifests.Database{SecretName: "ucorefs-mongodb", Name: "ucorefs"},
	Volumes: []manifests.Volume{
		{ClaimName: "thumbs", MountPath: "/cache/thumbs", Use: "Cache"}, {ClaimName: "temp", MountPath: "/cache/temp", Use: "Cache"},
		{ClaimName: "photos", MountPath: "/library/photos", Use: "Library"},
		{ClaimName: "index", MountPath: "/index", Use: "Index"}, {ClaimName: "logs", MountPath: "/logs", Use: "Logs"},
	},
}

// written is the YAML of a config.json that is right.
func written(t *testing.T, config []byte, o manifests.Options) string {
	t.Helper()
	schedules, err := manifests.Convert(config, o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := manifests.Write(&out, schedules); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func fixture(t *testing.T) []byte {
	t.Helper()
	config, err := os.ReadFile("testdata/config.json")
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// parsed is what the resource's own types make of the YAML; a member that they do not have fails the test.
func parsed(t *testing.T, text string) (schedules []v1alpha1.MaintenanceSchedule) {
	t.Helper()
	for _, document := range strings.Split(text, "---\n")[1:] {
		var ms v1alpha1.MaintenanceSchedule
		if err := yaml.UnmarshalStrict([]byte(document), &ms); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		schedules = append(schedules, ms)
	}
	return schedules
}

func TestTheGuidesConfigurationComesOutAsPrinted(t *testing.T) {
	const golden = "testdata/config.yaml"
	got := written(t, fixture(t), options)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, which -update writes (-want +got):\n%s", golden, diff)
	}
}

// The API server takes all that comes out, and its validation is the judge of what the flags and the file say.
func TestTheAPIServerTakesWhatComesOut(t *testing.T) {
	c := clustertest.Start(t)
	namespace := c.Namespace(t, nil)
	o := options
	o.Namespace, o.DryRun = namespace, true
	more := `{"maintenance": {"enabled": false, "schedule": {"a": {"handler": "rebuild_all_counts", "interval_minutes": 90.5, "initial_delay_seconds": 0.4},
		"b b": {"handler": "cache-cleanup", "interval_days": 365, "max_cache_size_gb": 0.0000001},
		"C_` + strings.Repeat("c", 50) + `": {"handler": "cleanup_orphaned_file_records", "interval_hours": 8, "preferred_hour": 0, "enabled": false}}}}`
	for _, config := range [][]byte{fixture(t), []byte(more)} {
		for _, ms := range parsed(t, written(t, config, o)) {
			if err := c.Client.Create(t.Context(), &ms); err != nil {
				t.Errorf("%s: %v", ms.Name, err)
			}
		}
	}
}

// schedule is a file with one schedule.
func schedule(general, members string) []byte {
	return fmt.Appendf(nil, `{"ui": {"theme": "dark"}, "maintenance": {%s "schedule": {"cache_cleanup": {%s}}}}`, general, members)
}

func TestEachKeyHasItsMeaning(t *testing.T) {
	for name, c := range map[string]struct {
		general, members string
		holds            func(v1alpha1.MaintenanceScheduleSpec) bool
	}{
		"the name is the task":    {"", `"interval_hours": 6`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Task == "cache-cleanup" && !s.Suspend }},
		"the handler is the task": {"", `"interval_hours": 6, "handler": "maintenance_orphaned_cleanup"`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Task == "cleanup-orphaned-records" }},
		"the intervals are added up": {"", `"interval_minutes": 30, "interval_hours": 1, "interval_days": 2`, func(s v1alpha1.MaintenanceScheduleSpec) bool {
			return s.Interval.Duration == 49*time.Hour+30*time.Minute
		}},
		"a part of an hour": {"", `"interval_hours": 0.75`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Interval.Duration == 45*time.Minute }},
		"disabled":          {"", `"interval_hours": 6, "enabled": false`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Suspend }},
		"all disabled":      {`"enabled": false,`, `"interval_hours": 6, "enabled": true`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Suspend }},
		"a delay":           {"", `"interval_hours": 6, "initial_delay_seconds": 300`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.InitialDelay.Duration == 5*time.Minute }},
		"a preferred hour, and its zone": {"", `"interval_hours": 6, "preferred_hour": 0`, func(s v1alpha1.MaintenanceScheduleSpec) bool {
			return *s.PreferredHour == 0 && s.TimeZone == "Europe/Berlin"
		}},
		"no preferred hour, and no zone": {"", `"interval_hours": 6, "preferred_hour": null`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.PreferredHour == nil && s.TimeZone == "" }},
		"idle only":                      {`"idle_threshold_minutes": 7,`, `"interval_hours": 6, "run_on_idle_only": true`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Idle.Threshold.Duration == 7*time.Minute }},
		"idle only, and no threshold":    {"", `"interval_hours": 6, "run_on_idle_only": true`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Idle.Threshold.Duration == 5*time.Minute }},
		"no idle detection":              {`"use_idle_detection": false,`, `"interval_hours": 6, "run_on_idle_only": true`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Idle == nil }},
		"not idle only":                  {`"use_idle_detection": true,`, `"interval_hours": 6`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.Idle == nil }},
		"the size and the age of a cache": {"", `"interval_hours": 6, "max_cache_size_gb": 2.5, "max_age_days": 0`, func(s v1alpha1.MaintenanceScheduleSpec) bool {
			return s.CacheCleanup.MaxSize.String() == "2560Mi" && *s.CacheCleanup.MaxAgeDays == 0
		}},
		"no parameters": {"", `"interval_hours": 6`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return s.CacheCleanup == nil && s.LogRotation == nil }},
		"the size and the number of logs": {"", `"interval_hours": 6, "handler": "log_rotation", "max_log_size_mb": 1, "max_log_files": 3`, func(s v1alpha1.MaintenanceScheduleSpec) bool {
			return s.LogRotation.MaxSize.String() == "1Mi" && *s.LogRotation.MaxFiles == 3
		}},
		"the cache's volumes, no database": {"", `"interval_hours": 6`, func(s v1alpha1.MaintenanceScheduleSpec) bool { return len(s.Volumes) == 2 && s.Database == nil }},
		"a database, no volumes": {"", `"interval_hours": 6, "handler": "verify_references"`, func(s v1alpha1.MaintenanceScheduleSpec) bool {
			return len(s.Volumes) == 0 && s.Database.SecretName == "ucorefs-mongodb"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			out := parsed(t, written(t, schedule(c.general, c.members), options))
			if len(out) != 1 || !c.holds(out[0].Spec) {
				t.Errorf("got %+v", out)
			}
		})
	}
}

func TestWhatIsWrongIsNamedByItsPath(t *testing.T) {
	const at = "maintenance.schedule.cache_cleanup"
	one := func(members string) string { return string(schedule("", members)) }
	for name, c := range map[string]struct{ config, says string }{
		"no JSON":                          {"{\n\"maintenance\": {,}}", "line 2 is not JSON"},
		"an empty file":                    {"", "not JSON"},
		"a list":                           {"[]", "the file: it must be an object"},
		"another application's file":       {`{"ui": {}}`, "is it the config.json of UCore FS?"},
		"a section that is a word":         {`{"maintenance": "on"}`, `maintenance: it must be an object, {…}, and is "on"`},
		"no schedules":                     {`{"maintenance": {"enabled": true}}`, "maintenance.schedule: there are no schedules"},
		"a schedule that is a number":      {`{"maintenance": {"schedule": {"cache_cleanup": 6}}}`, at + ": it must be an object"},
		"no interval":                      {one(`"enabled": true`), at + ".interval_hours: there is no interval"},
		"a zero interval":                  {one(`"interval_hours": 0`), at + ".interval_hours: the interval is zero"},
		"a zero of another unit":           {one(`"interval_minutes": 0`), at + ".interval_minutes: the interval is zero"},
		"an interval of half a minute":     {one(`"interval_minutes": 0.5`), at + ".interval_minutes: the interval is 30s"},
		"a negative interval":              {one(`"interval_hours": -6`), at + ".interval_hours: write 0 or more instead of -6"},
		"an interval of centuries":         {one(`"interval_days": 1e300`), at + ".interval_days: 1e300 is more than a year"},
		"an interval in words":             {one(`"interval_hours": "six"`), at + `.interval_hours: write a number instead of "six"`},
		"enabled as a word":                {one(`"interval_hours": 6, "enabled": "yes"`), at + `.enabled: write true or false instead of "yes"`},
		"an unknown handler":               {one(`"interval_hours": 6, "handler": "cache_clean"`), at + `.handler: unknown handler "cache_clean": did you mean "cache-cleanup"?`},
		"a handler that is a number":       {one(`"interval_hours": 6, "handler": 6`), at + ".handler: write a task's name in quotes instead of 6"},
		"a name that is no task":           {`{"maintenance": {"schedule": {"cachecleanup": {"interval_hours": 6}}}}`, `schedule.cachecleanup: it has no handler, and its name is no task's: write a handler, such as "cache-cleanup"`},
		"a preferred hour beyond the day":  {one(`"interval_hours": 6, "preferred_hour": 24`), at + ".preferred_hour: write a whole number from 0 to 23 instead of 24"},
		"half a preferred hour":            {one(`"interval_hours": 6, "preferred_hour": 3.5`), at + ".preferred_hour: write a whole number"},
		"a preferred hour with 7 hours":    {one(`"interval_hours": 7, "preferred_hour": 3`), at + ".preferred_hour: it needs an interval that divides the day"},
		"a preferred hour with 36 hours":   {one(`"interval_hours": 36, "preferred_hour": 3`), "and this one is 36h"},
		"another task's parameter":         {one(`"interval_hours": 6, "max_log_files": 3`), at + ".max_log_files: it is a parameter of log-rotation, and this schedule runs cache-cleanup"},
		"no log files at all":              {`{"maintenance": {"schedule": {"log_rotation": {"interval_hours": 6, "max_log_files": 0}}}}`, "log_rotation.max_log_files: write a whole number from 1"},
		"more bytes than there are":        {one(`"interval_hours": 6, "max_cache_size_gb": 1e18`), at + ".max_cache_size_gb: 1e18 is more"},
		"a misspelt key":                   {one(`"interval_hours": 6, "max_age": 3`), at + ".max_age: unknown key: known here are enabled, handler"},
		"a misspelt general key":           {`{"maintenance": {"idle_minutes": 5, "schedule": {}}}`, "maintenance.idle_minutes: unknown key"},
		"a key that stands there twice":    {one(`"interval_hours": 6, "interval_hours": 7`), at + ".interval_hours: it is written twice"},
		"a schedule that stands there too": {`{"maintenance": {"schedule": {"log_rotation": {"interval_hours": 6}, "log_rotation": {"interval_hours": 7}}}}`, "maintenance.schedule.log_rotation: it is written twice"},
		"two names that become one":        {`{"maintenance": {"schedule": {"Log_rotation": {"interval_hours": 6, "handler": "log_rotation"}, "log-rotation": {"interval_hours": 7}}}}`, `maintenance.schedule.log-rotation: it would have the same resource name as maintenance.schedule.Log_rotation, "log-rotation"`},
		"a name with a line break":         {`{"maintenance": {"schedule": {"a\nb": {"interval_hours": 6, "handler": "log_rotation"}}}}`, "cannot become a resource's"},
		"a name of 53 characters":          {`{"maintenance": {"schedule": {"` + strings.Repeat("a", 53) + `": {"interval_hours": 6, "handler": "log_rotation"}}}}`, "at most 52"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := manifests.Convert([]byte(c.config), manifests.Options{})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %q, without %q", fmt.Sprint(err), c.says)
			}
			if strings.HasPrefix(name, "a preferred") && strings.Count(fmt.Sprint(err), "\n") > 0 {
				t.Errorf("one mistake has several errors: %v", err)
			}
			if len(out) > 1 {
				t.Errorf("the schedule came out: %+v", out)
			}
		})
	}
}

func TestOneWrongScheduleDoesNotStopTheOthers(t *testing.T) {
	config := bytes.Replace(fixture(t), []byte(`"interval_hours": 6,`), []byte(`"interval_hours": 0, "preferred_hour": "x",`), 1)
	out, err := manifests.Convert(config, options)
	if len(out) != 4 || strings.Count(fmt.Sprint(err), "\n") != 1 {
		t.Errorf("%d schedules came out, with %v", len(out), err)
	}
}

// Whatever the file holds, there is an error or a schedule of which kubectl can read every line.
func FuzzConvert(f *testing.F) {
	f.Add([]byte(`{"maintenance": {"schedule": {"a b": {"handler": "log_rotation", "interval_days": 1e-3, "max_log_size_mb": 1e9}}}}`))
	f.Add(schedule(`"enabled": null, "idle_threshold_minutes": 1e9,`, `"interval_hours": 1, "preferred_hour": 1, "run_on_idle_only": true`))
	f.Fuzz(func(t *testing.T, config []byte) {
		out, err := manifests.Convert(config, options)
		if err == nil && len(out) == 0 && !bytes.Contains(config, []byte("schedule")) {
			t.Errorf("neither a schedule nor an error comes of %q", config)
		}
		var text bytes.Buffer
		if err := manifests.Write(&text, out); err != nil {
			t.Fatal(err)
		}
		if got := parsed(t, text.String()); len(got) != len(out) {
			t.Errorf("%d schedules became %d:\n%s", len(out), len(got), text.String())
		}
	})
}
