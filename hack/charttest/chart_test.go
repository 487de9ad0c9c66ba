// Package charttest holds the tests of the chart: rendered and installed by the real helm, judged by a real API server.
package charttest

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

func chart() string { return filepath.Join(tooltest.Root(), "charts", "maintenance") }

// helmTool is the helm to test with: HELM=helm3 says the older one.
func helmTool() string { return cmp.Or(os.Getenv("HELM"), "helm") }

// helm is the output of helm, and what it says when it fails.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.Command(tooltest.Path(t, helmTool()), withRegistry(t, args)...)
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("helm %s: %w\n%s", args[0], err, errOut.String())
	}
	return out.String(), nil
}

// withRegistry adds the one value that has to be set, unless the arguments or their file set it.
func withRegistry(t *testing.T, args []string) []string {
	t.Helper()
	if !slices.Contains([]string{"template", "install", "upgrade", "lint"}, args[0]) {
		return args
	}
	for i, arg := range args {
		text := arg
		if arg == "--values" {
			content, err := os.ReadFile(args[i+1])
			if err != nil {
				t.Fatal(err)
			}
			text = string(content)
		}
		if strings.Contains(text, "registry") {
			return args
		}
	}
	return append(args, "--set", "images.registry="+registry)
}

// registry is where the tests say that the images are.
const registry = "registry.example.com/ucorefs"

// render is what the chart makes of these values, each as helm's --set takes it.
func render(t *testing.T, namespace string, values ...string) []*unstructured.Unstructured {
	t.Helper()
	return renderFile(t, namespace, "", values...)
}

func renderFile(t *testing.T, namespace, file string, values ...string) []*unstructured.Unstructured {
	t.Helper()
	var args []string
	if file != "" {
		args = append(args, "--values", file)
	}
	for _, value := range values {
		args = append(args, "--set", value)
	}
	return template(t, namespace, args...)
}

// template is what `helm template` says with these arguments.
func template(t *testing.T, namespace string, args ...string) (objects []*unstructured.Unstructured) {
	t.Helper()
	out, err := helm(t, append([]string{"template", "maintenance", chart(), "--namespace", namespace}, args...)...)
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

// The chart's CRD is the generated one, and stays when the release is removed.
func TestTheChartsCRDIsTheGeneratedOne(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(tooltest.Root(), "config", "crd",
		"maintenance.ucorefs.io_maintenanceschedules.yaml"))
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
	got := ofKind(render(t, "ucorefs", "commonLabels.team=media"), "CustomResourceDefinition")
	if len(got) != 1 {
		t.Fatalf("the chart has %d CRDs", len(got))
	}
	if labels := got[0].GetLabels(); labels["team"] != "media" || labels["app.kubernetes.io/instance"] != "maintenance" {
		t.Errorf("the CRD has the labels %v", labels)
	}
	want.SetLabels(got[0].GetLabels())
	compareObjects(t, want, got[0])
	if none := ofKind(render(t, "ucorefs", "crds.enabled=false"), "CustomResourceDefinition"); len(none) != 0 {
		t.Error("crds.enabled=false installs it")
	}
	goes := ofKind(render(t, "ucorefs", "crds.keep=false", "watchNamespace=*"), "CustomResourceDefinition")
	if policy := goes[0].GetAnnotations()["helm.sh/resource-policy"]; policy != "" {
		t.Errorf("crds.keep=false has the policy %s", policy)
	}
}
