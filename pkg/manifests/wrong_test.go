package manifests_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/manifests"
)

func TestWhatIsWrongIsNamedByItsPath(t *testing.T) {
	const at = "maintenance.schedule.cache_cleanup"
	one := func(members string) string { return string(schedule("", members)) }
	only := func(name, members string) string {
		return fmt.Sprintf(`{"maintenance": {"schedule": {%q: {%s}}}}`, name, members)
	}
	const rotation = `"interval_hours": 6, "handler": "log_rotation"`
	for name, c := range map[string]struct{ config, says string }{
		"no JSON":                    {"{\n\"maintenance\": {,}}", "line 2 is not JSON"},
		"an empty file":              {"", "not JSON"},
		"a list":                     {"[]", "the file: it must be an object"},
		"another application's file": {`{"name": "x", "dependencies": {}}`, "is it the config.json of UCore FS?"},
		"a misspelt section": {`{"ui": {}, "maintenence": {"schedule": {}}}`,
			"maintenence: UCore FS knows no such section: did you mean maintenance?"},
		"a section in capitals": {`{"Maintenance": {"schedule": {}}}`,
			"Maintenance: UCore FS knows no such section"},
		"an empty section": {`{"maintenance": {}}`,
			"maintenance: there is nothing in it: write schedules, or remove it"},
		"an empty list of schedules": {`{"maintenance": {"schedule": {}}}`,
			"maintenance.schedule: there are no schedules in it"},
		"schedules that are a list": {`{"maintenance": {"schedule": []}}`,
			"maintenance.schedule: it must be an object"},
		"UTF-16 with a mark": {"\xff\xfe{\x00}\x00",
			"the file is in UTF-16 (little-endian), and UCore FS reads UTF-8 only: save it as UTF-8"},
		"UTF-16 of the other order":                 {"\xfe\xff\x00{\x00}", "UTF-16 (big-endian)"},
		"UTF-16 without a mark":                     {"{\x00}\x00", "UTF-16 (little-endian)"},
		"UTF-16 of the other order alone":           {"\x00{\x00}", "UTF-16 (big-endian)"},
		"UTF-16 after an empty line":                {"\n\x00{\x00}\x00", "the file is in UTF-16 (little-endian)"},
		"UTF-16 of the other order after one":       {"\x00\n\x00{\x00}", "the file is in UTF-16 (big-endian)"},
		"UTF-32 of the other order, without a mark": {"\x00\x00\x00{\x00\x00\x00}", "UTF-32 (big-endian)"},
		"Latin-1": {"{\"mongo\":\n {\"database_name\": \"b\xfccher\"}}",
			"line 2, byte 32 of the file: 0xfc is not UTF-8, and UCore FS reads UTF-8 only: save the file as UTF-8"},
		"UTF-32": {"\xff\xfe\x00\x00{\x00\x00\x00}\x00\x00\x00", "UTF-32 (little-endian)"},
		"a database that is none": {`{"mongo": {"database_name": "a/b"}}`,
			`mongo.database_name: "a/b" is not the name of a database`},
		"a database for Unix only": {`{"mongo": {"database_name": "a:b"}}`,
			`mongo.database_name: "a:b" is not the name of a database`},
		"an empty database": {`{"mongo": {"database_name": ""}}`, `mongo.database_name: "" is not`},
		"a database that is a number": {`{"mongo": {"database_name": 7}}`,
			"mongo.database_name: write the name of a database in quotes instead of 7"},
		"a server that is a word": {`{"mongo": "localhost"}`, "mongo: it must be an object"},
		"a section that is a word": {`{"maintenance": "on"}`,
			`maintenance: it must be an object, {…}, and is "on"`},
		"no schedules": {`{"maintenance": {"enabled": true}}`,
			"maintenance.schedule: there are no schedules in it"},
		"a misspelt member beside disabled": {`{"maintenance": {"enabled": false, "schedules": {}}}`,
			"maintenance.schedules: unknown key"},
		"an empty list beside disabled": {`{"maintenance": {"enabled": false, "schedule": {}}}`,
			"maintenance.schedule: there are no schedules in it"},
		"a schedule that is a number": {`{"maintenance": {"schedule": {"cache_cleanup": 6}}}`,
			at + ": it must be an object"},
		"no interval":     {one(`"enabled": true`), at + ".interval_hours: there is no interval"},
		"a zero interval": {one(`"interval_hours": 0`), at + ".interval_hours: the interval is zero"},
		"a zero of another unit": {one(`"interval_minutes": 0`),
			at + ".interval_minutes: the interval is zero"},
		"an interval of half a minute": {one(`"interval_minutes": 0.5`),
			at + ".interval_minutes: the interval is 30s"},
		"a negative interval": {one(`"interval_hours": -6`),
			at + ".interval_hours: write 0 or more instead of -6"},
		"an interval of centuries": {one(`"interval_days": 1e300`),
			at + ".interval_days: 1e300 is more than a year"},
		"an interval in words": {one(`"interval_hours": "six"`),
			at + `.interval_hours: write a number instead of "six"`},
		"enabled as a word": {one(`"interval_hours": 6, "enabled": "yes"`),
			at + `.enabled: write true or false instead of "yes"`},
		"an unknown handler": {one(`"interval_hours": 6, "handler": "cache_clean"`),
			at + `.handler: unknown handler "cache_clean": did you mean "cache-cleanup"?`},
		"a handler that is a number": {one(`"interval_hours": 6, "handler": 6`),
			at + ".handler: write a task's name in quotes instead of 6"},
		"a name that is no task": {only("cachecleanup", `"interval_hours": 6`),
			`cachecleanup: it has no handler, and its name "cachecleanup" is no task's: did you mean "cache-cleanup"?`},
		"a name that is like no task": {only("xyz", `"interval_hours": 6`),
			`its name "xyz" is no task's: ` + "`maint-job list` shows all tasks"},
		"a preferred hour beyond the day": {one(`"interval_hours": 6, "preferred_hour": 24`),
			at + ".preferred_hour: write a whole number from 0 to 23 instead of 24"},
		"half a preferred hour": {one(`"interval_hours": 6, "preferred_hour": 3.5`),
			at + ".preferred_hour: write a whole number"},
		"a preferred hour with 7 hours": {one(`"interval_hours": 7, "preferred_hour": 3`),
			at + ".preferred_hour: it needs an interval that divides the day"},
		"a preferred hour with 36 hours": {one(`"interval_hours": 36, "preferred_hour": 3`), "and this one is 36h"},
		"another task's parameter": {one(`"interval_hours": 6, "max_log_files": 3`),
			at + ".max_log_files: it is a parameter of log-rotation, and this schedule runs cache-cleanup"},
		"no log files at all": {only("log_rotation", `"interval_hours": 6, "max_log_files": 0`),
			"log_rotation.max_log_files: write a whole number from 1"},
		"half a log file": {only("log_rotation", `"interval_hours": 6, "max_log_files": 2.5`),
			"log_rotation.max_log_files: write a whole number from 1 to 2147483647 instead of 2.5"},
		"a retention before today": {only("database_cleanup", `"interval_days": 7, "task_retention_days": -1`),
			"database_cleanup.task_retention_days: write a whole number from 0 to 36500 instead of -1"},
		"a retention elsewhere": {one(`"interval_hours": 6, "journal_retention_days": 90`),
			at + ".journal_retention_days: it is a parameter of cleanup-old-records, and this schedule runs"},
		"less than a MiB": {one(`"interval_hours": 6, "max_cache_size_gb": 0.0000001`),
			at + ".max_cache_size_gb: 0.0000001 is less than one MiB"},
		"more bytes than there are": {one(`"interval_hours": 6, "max_cache_size_gb": 1e18`),
			at + ".max_cache_size_gb: 1e18 is more"},
		"a misspelt key": {one(`"interval_hours": 6, "max_age": 3`),
			at + ".max_age: unknown key: known here are enabled, handler"},
		"a misspelt general key": {`{"maintenance": {"idle_minutes": 5, "schedule": {}}}`,
			"maintenance.idle_minutes: unknown key"},
		"a key that stands there twice": {one(`"interval_hours": 6, "interval_hours": 7`),
			at + ".interval_hours: it is written twice"},
		"a schedule that stands there too": {
			`{"maintenance": {"schedule": {"log_rotation": {"interval_hours": 6}, "log_rotation": {"interval_hours": 7}}}}`,
			"maintenance.schedule.log_rotation: it is written twice"},
		"two names that become one": {
			`{"maintenance": {"schedule": {"Log_rotation": {` + rotation + `}, "log-rotation": {"interval_hours": 7}}}}`,
			"maintenance.schedule.log-rotation: it would have the same resource name as maintenance.schedule.Log_rotation"},
		"a name with a line break": {`{"maintenance": {"schedule": {"a\nb": {` + rotation + `}}}}`,
			"cannot become a resource's"},
		"a name of 53 characters": {only(strings.Repeat("a", 53), rotation),
			"at most 52"},
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
	wrong := []byte(`"interval_hours": 0, "preferred_hour": "x",`)
	config := bytes.Replace(fixture(t), []byte(`"interval_hours": 6,`), wrong, 1)
	out, err := manifests.Convert(config, options)
	if len(out) != 4 || strings.Count(fmt.Sprint(err), "\n") != 1 {
		t.Errorf("%d schedules came out, with %v", len(out), err)
	}
}
