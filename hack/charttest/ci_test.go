package charttest

import (
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// ciValues are the files in the chart's ci folder: ways in which it is used.
func ciValues(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(chart(), "ci", "*-values.yaml"))
	if err != nil || len(files) < 7 {
		t.Fatalf("the chart's ci folder holds %d files: %v", len(files), err)
	}
	byName := map[string]string{}
	for _, file := range files {
		byName[strings.TrimSuffix(filepath.Base(file), "-values.yaml")] = file
	}
	return byName
}

func TestHelmLintFindsNothing(t *testing.T) {
	for name, file := range ciValues(t) {
		if _, err := helm(t, "lint", "--strict", chart(), "--values", file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the values say, the API server takes each object as it is, unknown fields and warnings included, and the
// pods pass "restricted". Nothing is stored but the namespaces and service accounts.
func TestTheAPIServerAcceptsEveryRendering(t *testing.T) {
	cluster := clustertest.Start(t)
	installOthersCRDs(t, cluster)
	tests := map[string]struct {
		file   string
		values []string
	}{
		"another namespace": {"", []string{"watchNamespace=" + cluster.Namespace(t, restricted())}},
		"no limits":         {"", []string{"jobs.resources.limits=null", "controller.resources.limits=null"}},
		"nothing but what it needs": {ciValues(t)["namespaced"], []string{
			"jobs.progressPort=0", "metrics.service.create=false", "controller.podDisruptionBudget.create=false",
			"networkPolicy.enabled=true"}},
	}
	for name, file := range ciValues(t) {
		tests[name+"-values.yaml"] = struct {
			file   string
			values []string
		}{file, nil}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			namespace := cluster.Namespace(t, restricted())
			heard := &warnings{}
			strict := strictClient(t, cluster, heard)
			for _, object := range inOrder(renderFile(t, namespace, test.file, test.values...)) {
				dryRun(t, strict, object)
				if object.GetKind() == "Deployment" {
					dryRun(t, strict, podOf(t, object))
				}
			}
			if len(heard.said) > 0 {
				t.Errorf("the API server warns:\n%s", strings.Join(heard.said, "\n"))
			}
		})
	}
}

// inOrder has the service accounts first, as helm installs them: pods need theirs.
func inOrder(objects []*unstructured.Unstructured) (ordered []*unstructured.Unstructured) {
	ordered = ofKind(objects, "ServiceAccount")
	for _, object := range objects {
		if object.GetKind() != "ServiceAccount" {
			ordered = append(ordered, object)
		}
	}
	return ordered
}
