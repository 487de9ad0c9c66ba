package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/hack/markdown"
)

// schedule is the page of the resource, made of the CRD in a folder.
func schedule(folder string) (string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*maintenanceschedules.yaml"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("%d CRDs in %s", len(files), folder)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return "", err
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &crd); err != nil {
		return "", err
	}
	version := crd.Spec.Versions[0]
	var out strings.Builder
	fmt.Fprintf(&out, "# MaintenanceSchedule\n\n`%s/%s`, short name `%s`. The same as `kubectl explain msched "+
		"--recursive`, on one page.\n",
		crd.Spec.Group, version.Name, crd.Spec.Names.ShortNames[0])
	for _, part := range []string{"spec", "status"} {
		fmt.Fprintf(&out, "\n## %s\n\n", part)
		out.WriteString(markdown.Head("field", "type", "default", "what it means"))
		fields(&out, "", version.Schema.OpenAPIV3Schema.Properties[part])
	}
	return out.String(), nil
}

// fields are the rows of an object's members, each followed by its own.
func fields(out *strings.Builder, path string, object apiextensions.JSONSchemaProps) {
	for _, name := range slices.Sorted(maps.Keys(object.Properties)) {
		field := object.Properties[name]
		at := path + name
		kind, inner, below := kindOf(field)
		if slices.Contains(object.Required, name) {
			kind += ", required"
		}
		out.WriteString(markdown.Row(markdown.Code(at), kind, markdown.Code(defaultOf(field)),
			markdown.Cell(field.Description+rulesOf(field))))
		if inner != nil {
			fields(out, at+below, *inner)
		}
	}
}

// kindOf is a field's type in words, the object whose members come next, and what is between the two in a path.
func kindOf(field apiextensions.JSONSchemaProps) (kind string, inner *apiextensions.JSONSchemaProps, below string) {
	switch {
	case field.XIntOrString:
		return "quantity", nil, ""
	case field.Type == "array":
		kind, _, _ := kindOf(*field.Items.Schema)
		return "list of " + kind, field.Items.Schema, "[]."
	case field.Type == "object" && field.AdditionalProperties != nil:
		kind, _, _ := kindOf(*field.AdditionalProperties.Schema)
		return "map of " + kind, nil, ""
	case field.Type == "object":
		return "object", &field, "."
	case field.Format == "date-time":
		return "time", nil, ""
	}
	return field.Type, nil, ""
}

func defaultOf(field apiextensions.JSONSchemaProps) string {
	if field.Default == nil {
		return ""
	}
	return strings.Trim(string(field.Default.Raw), `"`)
}

// rulesOf is what the schema enforces and the description may not say.
func rulesOf(field apiextensions.JSONSchemaProps) (rules string) {
	if len(field.Enum) > 0 {
		var words []string
		for _, value := range field.Enum {
			var word string
			_ = json.Unmarshal(value.Raw, &word) // an enumeration of something else than words shows as empty
			words = append(words, word)
		}
		rules += " One of " + strings.Join(words, ", ") + "."
	}
	if field.Minimum != nil {
		rules += fmt.Sprintf(" At least %v.", *field.Minimum)
	}
	if field.Maximum != nil {
		rules += fmt.Sprintf(" At most %.0f.", *field.Maximum)
	}
	return rules
}
