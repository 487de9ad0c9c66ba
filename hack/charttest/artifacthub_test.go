package charttest

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
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

// What Artifact Hub shows of the chart is true: its images are those that it installs, and its CRD and the examples are real.
func TestTheAnnotationsForArtifactHubAreTrue(t *testing.T) {
	objects := render(t, "ucorefs")
	container := deploymentOf(t, objects).Spec.Template.Spec.Containers[0]
	for _, image := range annotation(t, "images") {
		if shown := image["image"].(string); container.Image != shown && !slices.Contains(container.Args, "--job-image="+shown) {
			t.Errorf("the chart does not use the image %s", shown)
		}
	}
	if shown, crd := annotation(t, "crds")[0]["name"], ofKind(objects, "CustomResourceDefinition")[0]; shown != crd.GetName() {
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
