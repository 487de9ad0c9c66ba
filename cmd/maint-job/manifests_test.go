package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const twoSchedules = `{"maintenance": {"schedule": {
	"orphaned_cleanup": {"interval_hours": 24, "preferred_hour": 3},
	"cache_cleanup": {"interval_hours": 0}}}}`

// Standard output is what kubectl applies: nothing but schedules, and none of them unless all are right or it was asked for.
func TestManifestsPrintsSchedulesOrWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	for name, c := range map[string]struct {
		config string
		flags  []string
		code   int
		out    []string // nil: nothing
		errs   string
	}{
		"all are right": {strings.Replace(twoSchedules, "0}", "6}", 1), []string{"--namespace=media", "--cache-dir=cache=/cache"}, 0,
			[]string{"name: orphaned-cleanup\n  namespace: media", "claimName: cache"}, "preferred_hour is taken as UTC"},
		"one is wrong": {twoSchedules, nil, 65, nil, "maintenance.schedule.cache_cleanup.interval_hours: the interval is zero"},
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
