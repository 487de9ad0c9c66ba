// Command schemas writes the JSON schemas of what people and programs write or read: a MaintenanceSchedule, the result
// of a run, and the maintenance section of UCore FS's config.json.
//
//	go run ./hack/schemas docs/reference/schemas
//
// It adds no rule of its own: the schemas are made of the CRD, of the Go types and of the declarations of the tasks. A
// schema accepts whatever the product accepts. It need not refuse all that the product refuses: sums, times and cross
// references are beyond it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schemas FOLDER")
		os.Exit(64)
	}
	if err := write(os.Args[1], "."); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

// schema is a JSON schema, or a part of one.
type schema = map[string]any

// draft is the version of JSON schema that editors support best.
const draft = "http://json-schema.org/draft-07/schema#"

// address is where a release publishes a file.
const address = "https://github.com/ucorefs/maintenance/releases/latest/download/"

// write writes each schema into a folder; root is the repository.
func write(folder, root string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, made := range map[string]func() (schema, error){
		"maintenanceschedule.schema.json": func() (schema, error) { return resource(filepath.Join(root, "config/crd")) },
		"result.schema.json":              func() (schema, error) { return result(filepath.Join(root, "pkg/report")) },
		"config.schema.json":              func() (schema, error) { return config(), nil },
	} {
		s, err := made()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s["$schema"], s["$id"] = draft, address+name
		text, err := json.MarshalIndent(s, "", "  ") // in the order of the keys
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	return nil
}
