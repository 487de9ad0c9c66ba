package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// resource is the schema of a MaintenanceSchedule, made of the CRD in a folder. Of the rules in CEL, only the form of
// quantities is in it.
func resource(folder string) (schema, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*maintenanceschedules.yaml"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("%d CRDs in %s", len(files), folder)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &crd); err != nil {
		return nil, err
	}
	text, err := json.Marshal(crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	members := s["properties"].(schema)
	plain(s)
	members["apiVersion"] = schema{"const": crd.Spec.Group + "/" + crd.Spec.Versions[0].Name}
	members["kind"] = schema{"const": crd.Spec.Names.Kind}
	members["metadata"] = schema{"type": "object"}
	s["required"] = []string{"apiVersion", "kind", "metadata", "spec"}
	s["title"] = crd.Spec.Names.Kind
	return s, nil
}

// quantity is the form of a quantity of Kubernetes. The CRD has a rule in CEL for it.
const quantity = `^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$`

// plain makes JSON schema of what Kubernetes adds to it, and closes each object, as `kubectl apply` does.
func plain(part schema) {
	if part["x-kubernetes-int-or-string"] == true {
		part["type"], part["pattern"] = []string{"integer", "string"}, quantity
		delete(part, "anyOf")
	}
	for key := range part {
		if strings.HasPrefix(key, "x-kubernetes-") {
			delete(part, key)
		}
	}
	if properties, ok := part["properties"].(schema); ok {
		part["additionalProperties"] = false
		for _, member := range properties {
			plain(member.(schema))
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if below, ok := part[key].(schema); ok {
			plain(below)
		}
	}
}
