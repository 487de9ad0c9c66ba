package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

const twoSchedules = `{"maintenance": {"schedule": {
	"orphaned_cleanup": {"interval_hours": 24, "preferred_hour": 3},
	"cache_cleanup": {"interval_hours": 0}}}}`

// Standard output is what kubectl applies: nothing but schedules, and none of them unless all are right or it was asked
// for.
func TestManifestsPrintsSchedulesOrWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	for name, c := range map[string]struct {
		config string
		flags  []string
		code   int
		out    []string // nil: nothing
		errs   string
	}{
		"all are right": {strings.Replace(twoSchedules, "0}", "6}", 1), []string{"--namespace=media",
			"--cache-dir=cache=/cache"}, 0,
			[]string{"name: orphaned-cleanup\n  namespace: media", "claimName: cache"}, "preferred_hour is taken as UTC"},
		"one is wrong": {twoSchedules, nil, 65, nil,
			"maintenance.schedule.cache_cleanup.interval_hours: the interval is zero"},
		"one is wrong, and the others are wanted": {twoSchedules, []string{"--keep-going", "--time-zone=Europe/Berlin"}, 65,
			[]string{"name: orphaned-cleanup", "timeZone: Europe/Berlin"}, "schedules that came out: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.config), 0o600); err != nil {
				t.Fatal(err)
			}
			r := job(t, nil, append([]string{"manifests", "-f", file}, c.flags...)...)
			r.want(t, c.code)
			if c.out == nil && r.out != "" || !strings.Contains(r.errs, c.errs) {
				t.Errorf("stdout:\n%s\nstderr:\n%s", r.out, r.errs)
			}
			for _, part := range c.out {
				if !strings.Contains(r.out, part) {
					t.Errorf("%q is not in\n%s", part, r.out)
				}
			}
		})
	}
}

// The files that people have are converted as they are, and standard error says what is taken from elsewhere.
func TestManifestsTakesTheConfigurationsPeopleHave(t *testing.T) {
	const volumes = "they use those of the chart's values (jobs.volumes): "
	for name, c := range map[string]struct {
		schedules int
		out, errs []string
	}{
		"config.json": {5, []string{"preferredHour: 3"}, []string{"preferred_hour is taken as UTC", volumes}},
		"config-uexplorer.json": {6, []string{"name: foundation_app", "task: cleanup-orphaned-file-records",
			"task: cleanup-old-records"},
			[]string{volumes + "cache-cleanup (--cache-dir CLAIM=PATH), orphaned-cleanup (--library-root CLAIM=PATH), " +
				"log-rotation"}},
		"config-without-section.json": {6, []string{"name: my_library",
			"# UCore FS's default for maintenance.schedule.log_rotation"},
			[]string{"the file lists no schedules in a section maintenance: these are the 6 that UCore FS has by default",
				volumes}},
	} {
		t.Run(name, func(t *testing.T) {
			r := job(t, nil, "manifests", "-f", filepath.Join(tooltest.Root(), "pkg/manifests/testdata", name))
			r.want(t, 0)
			if n := strings.Count(r.out, "kind: MaintenanceSchedule"); n != c.schedules {
				t.Errorf("%d schedules, want %d:\n%s", n, c.schedules, r.out)
			}
			for _, part := range c.out {
				if !strings.Contains(r.out, part) {
					t.Errorf("%q is not in\n%s", part, r.out)
				}
			}
			for _, part := range c.errs {
				if !strings.Contains(r.errs, part) {
					t.Errorf("%q is not in\n%s", part, r.errs)
				}
			}
		})
	}
}

// Where no schedule is right, --keep-going is not offered: it would print nothing.
func TestManifestsOfASectionWithNothingInIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(`{"maintenance": {}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := job(t, nil, "manifests", "-f", file)
	r.want(t, 65)
	const says = "maint-job: maintenance: there is nothing in it: write schedules, or remove it for those that UCore FS " +
		"has by default\n"
	if r.out != "" || r.errs != says {
		t.Errorf("stdout:\n%s\nstderr:\n%s", r.out, r.errs)
	}
}
