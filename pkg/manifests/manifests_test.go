package manifests_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/manifests"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

var update = flag.Bool("update", false, "write what testdata should hold")

// options are all that flags can give.
var options = manifests.Options{
	Namespace: "media", TimeZone: "Europe/Berlin",
	Database: manifests.Database{SecretName: "ucorefs-mongodb", Name: "ucorefs"},
	Volumes: []manifests.Volume{
		{ClaimName: "thumbs", MountPath: "/cache/thumbs", Use: "Cache"},
		{ClaimName: "temp", MountPath: "/cache/temp", Use: "Cache"},
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

// fixture is the guide's config.json.
func fixture(t *testing.T) []byte { return testdata(t, "config.json") }

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	config, err := os.ReadFile(filepath.Join("testdata", name))
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

// config.json is the guide's own, config-uexplorer.json what the application writes with the section,
// config-without-section.json what it writes without. The last two are converted with no flag at all.
func TestTheConfigurationsPeopleHaveComeOutAsPrinted(t *testing.T) {
	for name, o := range map[string]manifests.Options{
		"config": options, "config-uexplorer": {}, "config-without-section": {},
	} {
		golden := filepath.Join("testdata", name+".yaml")
		got := written(t, testdata(t, name+".json"), o)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(testdata(t, name+".yaml")), got); diff != "" {
			t.Errorf("%s, which -update writes (-want +got):\n%s", golden, diff)
		}
	}
}

// The API server takes all that comes out, and its validation is the judge of what the flags and the file say.
func TestTheAPIServerTakesWhatComesOut(t *testing.T) {
	c := clustertest.Start(t)
	namespace := c.Namespace(t, nil)
	o := options
	o.Namespace, o.DryRun = namespace, true
	more := `{"maintenance": {"enabled": false, "schedule": {
		"a": {"handler": "rebuild_all_counts", "interval_minutes": 90.5, "initial_delay_seconds": 0.4},
		"b b": {"handler": "cache-cleanup", "interval_days": 365, "max_cache_size_gb": 0.001},
		"C_` + strings.Repeat("c", 50) + `":
			{"handler": "cleanup_orphaned_file_records", "interval_hours": 8, "preferred_hour": 0, "enabled": false}}}}`
	for i, config := range [][]byte{
		fixture(t), testdata(t, "config-uexplorer.json"), testdata(t, "config-without-section.json"), []byte(more),
	} {
		for _, ms := range parsed(t, written(t, config, o)) {
			ms.Name = fmt.Sprintf("%.50s-%d", ms.Name, i)
			if err := c.Client.Create(t.Context(), &ms); err != nil {
				t.Errorf("%s: %v", ms.Name, err)
			}
		}
	}
}

// Whatever the file holds, there is an error or a schedule of which kubectl can read every line.
func FuzzConvert(f *testing.F) {
	f.Add([]byte(`{"maintenance": {"schedule": {
		"a b": {"handler": "log_rotation", "interval_days": 1e-3, "max_log_size_mb": 1e9}}}}`))
	f.Add(schedule(`"enabled": null, "idle_threshold_minutes": 1e9,`,
		`"interval_hours": 1, "preferred_hour": 1, "run_on_idle_only": true`))
	f.Add([]byte(`{"mongo": {"database_name": "a"}, "maintenance": null}`))
	f.Add([]byte(`{"maintenance": {"schedule": {
		"database_cleanup": {"interval_days": 1.0, "task_retention_days": 3e1}}}}`))
	f.Fuzz(func(t *testing.T, config []byte) {
		out, err := manifests.Convert(config, options)
		if err == nil && len(out) == 0 {
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
