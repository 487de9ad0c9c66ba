package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/manifests"
	"ucorefs.io/maintenance/pkg/report"
)

// published is a schema as it is in the repository, for an independent validator.
func published(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(filepath.Join(tooltest.Root(), "docs/reference/schemas", name+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// judge validates JSON or YAML.
func judge(t *testing.T, s *jsonschema.Schema, document []byte) error {
	t.Helper()
	text, err := yaml.YAMLToJSON(document)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// The published files are what the source says now.
func TestTheSchemasAreUpToDate(t *testing.T) {
	made := t.TempDir()
	if err := write(made, tooltest.Root()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(made, "*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		want, _ := os.ReadFile(file)
		got, err := os.ReadFile(filepath.Join(tooltest.Root(), "docs/reference/schemas", filepath.Base(file)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not up to date (%v): run make generate", filepath.Base(file), err)
		}
	}
}

// documents are the files that match a pattern below the repository, each document of its own.
func documents(t *testing.T, pattern string) (all [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(tooltest.Root(), pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %q, %v", pattern, files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.Split(data, []byte("\n---\n"))...)
	}
	return all
}

func TestTheSchemaOfTheResource(t *testing.T) {
	s := published(t, "maintenanceschedule")
	for _, pattern := range []string{"config/samples/*.yaml", "hack/demo/manifests/schedules.yaml",
		"pkg/manifests/testdata/*.yaml"} {
		for _, document := range documents(t, pattern) {
			if err := judge(t, s, document); err != nil {
				t.Errorf("%v:\n%s", err, document)
			}
		}
	}
	const head = "apiVersion: maintenance.ucorefs.io/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: a}\n"
	for name, wrong := range map[string]string{
		"a misspelt field":           head + "spec: {task: cache-cleanup, shedule: '0 3 * * *'}",
		"a misspelt parameter":       head + "spec: {task: cache-cleanup, interval: 6h, cacheCleanup: {maxSiz: 1Gi}}",
		"no task":                    head + "spec: {interval: 6h}",
		"no spec":                    head,
		"a number that is a word":    head + "spec: {task: cache-cleanup, interval: 6h, historyLimit: many}",
		"a priority that is unknown": head + "spec: {task: cache-cleanup, interval: 6h, priority: Urgent}",
		"another kind": "apiVersion: maintenance.ucorefs.io/v1alpha1\nkind: Schedule\nmetadata: {name: " +
			"a}\nspec: {task: cache-cleanup, interval: 6h}",
	} {
		if err := judge(t, s, []byte(wrong)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// What the schema of config.json says, the conversion says too, and the other way round for what a schema can say at
// all.
func TestTheSchemaOfConfigJSON(t *testing.T) {
	s := published(t, "config")
	configs, cases := documents(t, "pkg/manifests/testdata/*.json"), map[string]struct {
		config string
		valid  bool
	}{
		"another section":             {`{"ui": {"window_width": 1}}`, true},
		"an alias with a prefix":      {`{"maintenance": {"schedule": {"mine": {"handler": "maintenance_cache_cleanup", "interval_hours": 6.0, "max_age_days": 3.0}}}}`, true},
		"a null for what is not set":  {`{"maintenance": {"enabled": null, "schedule": {"cache_cleanup": {"interval_hours": 6, "handler": null, "max_log_files": null}}}}`, true},
		"a misspelt key":              {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 6, "max_age": 3}}}}`, false},
		"a misspelt general key":      {`{"maintenance": {"idle_minutes": 5, "schedule": {"cache_cleanup": {"interval_hours": 6}}}}`, false},
		"no schedules":                {`{"maintenance": {"enabled": true}}`, false},
		"no schedules, disabled":      {`{"maintenance": {"enabled": false}}`, true},
		"null schedules, disabled":    {`{"maintenance": {"enabled": false, "schedule": null}}`, true},
		"null schedules":              {`{"maintenance": {"schedule": null}}`, false},
		"an empty list, disabled":     {`{"maintenance": {"enabled": false, "schedule": {}}}`, false},
		"no interval":                 {`{"maintenance": {"schedule": {"cache_cleanup": {"enabled": true}}}}`, false},
		"a zero interval":             {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 0}}}}`, false},
		"an interval in words":        {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": "six"}}}}`, false},
		"an unknown handler":          {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 6, "handler": "cache_clean"}}}}`, false},
		"a name that is no task":      {`{"maintenance": {"schedule": {"mine": {"interval_hours": 6}}}}`, false},
		"another task's parameter":    {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 6, "max_log_files": 3}}}}`, false},
		"that of the handler's task":  {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 6, "handler": "log_rotation", "max_log_files": 3}}}}`, true},
		"a preferred hour beyond day": {`{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 6, "preferred_hour": 24}}}}`, false},
		"half a log file":             {`{"maintenance": {"schedule": {"log_rotation": {"interval_hours": 6, "max_log_files": 2.5}}}}`, false},
	}
	for _, config := range configs {
		if err := judge(t, s, config); err != nil {
			t.Errorf("%v:\n%s", err, config)
		}
	}
	for name, c := range cases {
		if err := judge(t, s, []byte(c.config)); (err == nil) != c.valid {
			t.Errorf("%s: the schema says %v", name, err)
		}
		if _, err := manifests.Convert([]byte(c.config), manifests.Options{}); (err == nil) != c.valid {
			t.Errorf("%s: the conversion says %v", name, err)
		}
	}
}

func TestTheSchemaOfAResult(t *testing.T) {
	s := published(t, "result")
	whole := report.Result{SchemaVersion: 1, Task: "verify-references", Outcome: report.Refused,
		Reason: report.ReasonTargetMissing, Counts: report.Counts{"filesChecked": 1}}
	short := report.Result{SchemaVersion: 1, Outcome: report.Succeeded}
	for _, r := range []report.Result{whole, short} {
		if err := judge(t, s, r.JSON()); err != nil {
			t.Errorf("%v: %s", err, r.JSON())
		}
	}
	for name, change := range map[string]func(map[string]any){
		"an outcome that is unknown": func(r map[string]any) { r["outcome"] = "Fine" },
		"a reason that is unknown":   func(r map[string]any) { r["reason"] = "Because" },
		"another version":            func(r map[string]any) { r["schemaVersion"] = 2 },
		"no outcome":                 func(r map[string]any) { delete(r, "outcome") },
		"a count in words":           func(r map[string]any) { r["counts"] = map[string]any{"filesChecked": "many"} },
		"a time that is none":        func(r map[string]any) { r["startedAt"] = "yesterday" },
	} {
		var r map[string]any
		if err := json.Unmarshal(whole.JSON(), &r); err != nil {
			t.Fatal(err)
		}
		change(r)
		text, _ := json.Marshal(r)
		if err := judge(t, s, text); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
