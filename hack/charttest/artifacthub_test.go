package charttest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// annotation reads one of Chart.yaml's annotations, which hold YAML.
func annotation(t *testing.T, name string) (list []map[string]any) {
	t.Helper()
	var metadata struct{ Annotations map[string]string }
	if err := yaml.Unmarshal(readChart(t, "Chart.yaml"), &metadata); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(metadata.Annotations["artifacthub.io/"+name]), &list); err != nil || len(list) == 0 {
		t.Fatalf("artifacthub.io/%s holds %d: %v", name, len(list), err)
	}
	return list
}

// inRepository checks that an address of the repository's main branch is that of a file or folder here.
func inRepository(t *testing.T, url string) {
	t.Helper()
	_, path, ok := strings.Cut(url, "/main/")
	if _, err := os.Stat(filepath.Join(tooltest.Root(), path)); !ok || err != nil {
		t.Errorf("%s leads nowhere: %v", url, err)
	}
}

// What Artifact Hub shows of the chart is true: its links lead to files that are there, and its CRD and the examples
// are real.
func TestTheAnnotationsForArtifactHubAreTrue(t *testing.T) {
	objects := render(t, "ucorefs")
	for _, link := range annotation(t, "links") {
		inRepository(t, link["url"].(string))
	}
	var metadata struct{ Icon string }
	if err := yaml.Unmarshal(readChart(t, "Chart.yaml"), &metadata); err != nil {
		t.Fatal(err)
	}
	inRepository(t, metadata.Icon)
	for _, match := range regexp.MustCompile(`\((https://[^)]+)\)`).FindAllStringSubmatch(string(readChart(t,
		"README.md")), -1) {
		inRepository(t, match[1])
	}
	if shown, crd := annotation(t, "crds")[0]["name"],
		ofKind(objects, "CustomResourceDefinition")[0]; shown != crd.GetName() {
		t.Errorf("the CRD is %s, not %s", crd.GetName(), shown)
	}
	cluster := clustertest.Start(t)
	heard := &warnings{}
	strict := strictClient(t, cluster, heard)
	for _, example := range annotation(t, "crdsExamples") {
		object := &unstructured.Unstructured{Object: example}
		object.SetNamespace(cluster.Namespace(t, nil))
		dryRun(t, strict, object)
	}
	if len(heard.said) > 0 {
		t.Errorf("the API server warns: %v", heard.said)
	}
}
