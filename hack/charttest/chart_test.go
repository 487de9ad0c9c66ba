// Package charttest holds the tests of the chart: rendered and installed by the real helm, judged by a real API server.
package charttest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/clustertest"
	"ucorefs.io/maintenance/pkg/tooltest"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

func chart() string { return filepath.Join(tooltest.Root(), "charts", "maintenance") }

// helm is the output of helm, and what it says when it fails.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.Command(tooltest.Path(t, "helm"), args...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("helm %s: %w\n%s", args[0], err, errOut.String())
	}
	return out.String(), nil
}

// render is what the chart makes of these values, each as helm's --set takes it.
func render(t *testing.T, namespace string, values ...string) []*unstructured.Unstructured {
	t.Helper()
	return renderFile(t, namespace, "", values...)
}

func renderFile(t *testing.T, namespace, file string, values ...string) (objects []*unstructured.Unstructured) {
	t.Helper()
	args := []string{"template", "maintenance", chart(), "--namespace", namespace}
	if file != "" {
		args = append(args, "--values", file)
	}
	for _, value := range values {
		args = append(args, "--set", value)
	}
	out, err := helm(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range strings.Split(out, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict([]byte(document), &object.Object); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
	return objects
}

func ofKind(objects []*unstructured.Unstructured, kind string) (found []*unstructured.Unstructured) {
	for _, o := range objects {
		if o.GetKind() == kind {
			found = append(found, o)
		}
	}
	return found
}

func TestHelmLintFindsNothing(t *testing.T) {
	if _, err := helm(t, "lint", "--strict", chart()); err != nil {
		t.Error(err)
	}
	if _, err := helm(t, "lint", "--strict", chart(), "--values", "testdata/everything.yaml"); err != nil {
		t.Error(err)
	}
}

// A value that is misspelt or impossible is refused by name, before anything is installed.
func TestAWrongValueIsRefusedByName(t *testing.T) {
	tests := map[string]struct{ value, says string }{
		"a misspelt member":      {"jobs.usr=1000", "usr"},
		"a misspelt top member":  {"databse.secretName=x", "databse"},
		"an unknown pull policy": {"images.pullPolicy=Sometimes", "/images/pullPolicy"},
		"runs as root":           {"jobs.user=0", "/jobs/user"},
		"an id in words":         {"jobs.group=media", "/jobs/group"},
		"a digest that is none":  {"images.job.digest=latest", "/images/job/digest"},
		"a connection string":    {"database.secretName=mongodb://db", "/database/secretName"},
		"a host path":            {"jobs.volumes[0].hostPath=/", "hostPath"},
		"a place in the image":   {"jobs.volumes[0].claimName=a,jobs.volumes[0].use=Library,jobs.volumes[0].mountPath=/etc", "/jobs/volumes/0/mountPath"},
		"negative replicas":      {"controller.replicas=-1", "/controller/replicas"},
		"several namespaces":     {"watchNamespace=a b", "/watchNamespace"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := helm(t, "template", "maintenance", chart(), "--set", test.value)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("it does not name %q: %v", test.says, err)
			}
		})
	}
}

// The schema knows each documented value, and each value that the schema knows is documented.
func TestTheSchemaAndTheValuesHaveTheSameMembers(t *testing.T) {
	var values, schema map[string]any
	for file, into := range map[string]*map[string]any{"values.yaml": &values, "values.schema.json": &schema} {
		content, err := os.ReadFile(filepath.Join(chart(), file))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	compareMembers(t, "", values, schema)
}

func compareMembers(t *testing.T, path string, values, schema map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	for name := range properties {
		if _, ok := values[name]; !ok && path+name != "global" && !strings.HasPrefix(path+name, "jobs.resources") && !strings.HasPrefix(path+name, "controller.resources") {
			t.Errorf("values.yaml lacks %s%s", path, name)
		}
	}
	for name, value := range values {
		property, ok := properties[name].(map[string]any)
		if !ok {
			t.Errorf("values.schema.json lacks %s%s", path, name)
			continue
		}
		if members, ok := value.(map[string]any); ok && property["properties"] != nil {
			compareMembers(t, path+name+".", members, property)
		}
	}
}

// The chart's CRD is the generated one, and stays when the release is removed.
func TestTheChartsCRDIsTheGeneratedOne(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(tooltest.Root(), "config", "crd", "maintenance.ucorefs.io_maintenanceschedules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(content, &want.Object); err != nil {
		t.Fatal(err)
	}
	annotations := want.GetAnnotations()
	annotations["helm.sh/resource-policy"] = "keep"
	want.SetAnnotations(annotations)
	got := ofKind(render(t, "ucorefs"), "CustomResourceDefinition")
	if len(got) != 1 {
		t.Fatalf("the chart has %d CRDs", len(got))
	}
	compareObjects(t, want, got[0])
	if none := ofKind(render(t, "ucorefs", "crd.install=false"), "CustomResourceDefinition"); len(none) != 0 {
		t.Error("crd.install=false installs it")
	}
}
