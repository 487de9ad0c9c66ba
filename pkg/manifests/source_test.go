package manifests_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/manifests"
)

func TestTheDatabaseIsTheFilesUnlessAFlagNamesOne(t *testing.T) {
	const schedules = `"maintenance": {"schedule": {
		"database_cleanup": {"interval_days": 7}, "cache_cleanup": {"interval_hours": 6}}}}`
	for name, c := range map[string]struct{ file, flag, want string }{
		"the file's": {`{"mongo": {"database_name": "foundation_app"}, ` + schedules, "",
			"foundation_app"},
		"the flag's":              {`{"mongo": {"database_name": "foundation_app"}, ` + schedules, "other", "other"},
		"a wrong one is not read": {`{"mongo": {"database_name": "a/b"}, ` + schedules, "other", "other"},
		"null":                    {`{"mongo": {"database_name": null}, ` + schedules, "", ""},
		"no server at all":        {`{` + schedules, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := parsed(t, written(t, []byte(c.file), manifests.Options{Database: manifests.Database{Name: c.flag}}))
			if len(out) != 2 {
				t.Fatalf("got %+v", out)
			}
			records, cache := out[0].Spec.Database, out[1].Spec.Database
			if cache != nil {
				t.Errorf("cache-cleanup has a database: %+v", cache)
			}
			if c.want == "" && records != nil || c.want != "" && (records == nil || records.Name != c.want) {
				t.Errorf("the database is %+v, want %q", records, c.want)
			}
		})
	}
}

// Every name that the application or its guide gives a task is a schedule's name and a handler, with the prefix and
// without.
func TestEveryNameOfATaskIsUnderstood(t *testing.T) {
	for _, task := range jobspec.Tasks() {
		for _, alias := range task.Aliases {
			for _, name := range []string{alias, "maintenance_" + alias} {
				config := fmt.Appendf(nil, `{"maintenance": {"schedule": {
					%q: {"interval_hours": 6}, "other": {"interval_hours": 6, "handler": %q}}}}`, name, name)
				out, err := manifests.Convert(config, manifests.Options{})
				if err != nil || len(out) != 2 || out[0].Spec.Task != task.Name || out[1].Spec.Task != task.Name {
					t.Errorf("%s: %+v, %v", name, out, err)
				}
			}
		}
	}
}

// An empty file and a section that is null are as good as none.
func TestAFileWithoutTheSectionGivesTheApplicationsDefaults(t *testing.T) {
	for _, config := range []string{`{}`, `{"maintenance": null}`, `{"ui": {}}`, `{"general": {}, "something": 1}`} {
		out, err := manifests.Convert([]byte(config), manifests.Options{})
		if err != nil || len(out) != 6 {
			t.Errorf("%s: %d schedules, %v", config, len(out), err)
		}
		for _, m := range out {
			if !m.Assumed() || m.Spec.Suspend {
				t.Errorf("%s: %+v", config, m)
			}
		}
	}
}

// Seen to fail when a section without schedules was refused, whatever else it said.
func TestMaintenanceThatIsDisabledGivesTheDefaultsSuspended(t *testing.T) {
	for _, config := range []string{
		`{"maintenance": {"enabled": false}}`, `{"maintenance": {"enabled": false, "schedule": null}, "ui": {}}`,
		`{"maintenance": {"enabled": false, "use_idle_detection": false, "idle_threshold_minutes": 9}}`,
	} {
		out, err := manifests.Convert([]byte(config), manifests.Options{})
		if err != nil || len(out) != 6 {
			t.Errorf("%s: %d schedules, %v", config, len(out), err)
		}
		for _, m := range out {
			if !m.Assumed() || !m.Spec.Suspend {
				t.Errorf("%s: %+v", config, m)
			}
		}
	}
}

func TestTheAdviceSaysWhatTheFileLeavesOpen(t *testing.T) {
	const hour = `{"maintenance": {"schedule": {"verify_references": {"interval_hours": 24, "preferred_hour": 3}}}}`
	for name, c := range map[string]struct {
		config string
		flags  []string
		says   []string
	}{
		"the defaults": {`{}`, nil, []string{
			"the file lists no schedules in a section maintenance: these are the 6 that UCore FS has by default",
			"no flag names the volumes of these schedules, so they use those of the chart's values (jobs.volumes): " +
				"cache-cleanup (--cache-dir CLAIM=PATH), orphaned-cleanup (--library-root CLAIM=PATH), " +
				"log-rotation (--log-dir CLAIM=PATH)",
		}},
		"one volume is named": {string(schedule("", `"interval_hours": 6`)), []string{"--cache-dir=a=/cache"}, nil},
		"another volume is": {string(schedule("", `"interval_hours": 6`)), []string{"--log-dir=a=/logs"},
			[]string{"no flag names the volumes of these schedules, so they use those of the chart's values (jobs.volumes): " +
				"cache-cleanup (--cache-dir CLAIM=PATH)"}},
		"an hour": {hour, nil,
			[]string{"preferred_hour is taken as UTC; --time-zone Europe/Berlin, for example, takes it as local time"}},
		"an hour of a zone": {hour, []string{"--time-zone=UTC"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var f manifests.Flags
			fs := pflag.NewFlagSet("", pflag.ContinueOnError)
			f.Add(fs)
			if err := errors.Join(fs.Parse(c.flags), f.Complete()); err != nil {
				t.Fatal(err)
			}
			out, err := manifests.Convert([]byte(c.config), f.Options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.says, f.Advice(out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
