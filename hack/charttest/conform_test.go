package charttest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/discovery"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// kubeconform finds nothing in any way of using the chart, by the schemas that the API server itself publishes: those
// that people download for it are made of the same. Seen to fail with a misspelt field in the Deployment.
func TestKubeconformAcceptsEveryRendering(t *testing.T) {
	cluster := clustertest.Start(t)
	installOthersCRDs(t, cluster)
	schemas := publishedSchemas(t, cluster)
	for name, file := range ciValues(t) {
		out, err := helm(t, "template", "maintenance", chart(), "--namespace", "ucorefs", "--values", file)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(tooltest.Path(t, "kubeconform"), "-strict", "-summary", "-schema-location",
			schemas+"/{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json")
		cmd.Stdin = strings.NewReader(out)
		said, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(said), "Skipped: 0") {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}

// publishedSchemas is a folder with a JSON schema for each kind, made of the API server's OpenAPI document. Strict is
// what kubeconform makes of them: nothing that a schema does not name.
func publishedSchemas(t *testing.T, cluster *clustertest.Cluster) string {
	t.Helper()
	asked, err := discovery.NewDiscoveryClientForConfig(cluster.Admin)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	clustertest.Eventually(t, "the kinds are published", func() (bool, string) {
		raw, err := asked.RESTClient().Get().AbsPath("/openapi/v2").SetHeader("Accept", "application/json").DoRaw(t.Context())
		if err != nil {
			return false, err.Error()
		}
		var document struct{ Definitions map[string]map[string]any }
		if err := json.Unmarshal(raw, &document); err != nil {
			return false, err.Error()
		}
		kinds := writeSchemas(t, folder, document.Definitions)
		return kinds["ServiceMonitor"] && kinds["PrometheusRule"] && kinds["HTTPRoute"] && kinds["Deployment"],
			fmt.Sprint(len(kinds))
	})
	return folder
}

func writeSchemas(t *testing.T, folder string, definitions map[string]map[string]any) (kinds map[string]bool) {
	t.Helper()
	kinds = map[string]bool{}
	for name, definition := range definitions {
		closed(definition)
		if strings.HasSuffix(name, ".util.intstr.IntOrString") {
			definition["type"] = []string{"integer", "string"}
		}
		if strings.HasSuffix(name, ".api.resource.Quantity") {
			definition["type"] = []string{"number", "string"}
		}
	}
	put(t, filepath.Join(folder, "definitions.json"), map[string]any{"definitions": definitions})
	for name, definition := range definitions {
		versions, _ := definition["x-kubernetes-group-version-kind"].([]any)
		for _, v := range versions {
			of, _ := v.(map[string]any)
			group, _ := of["group"].(string)
			kind, _ := of["kind"].(string)
			group = cmp.Or(group, "v1") // as kubeconform calls the group without a name
			kinds[kind] = true
			file := strings.ToLower(fmt.Sprintf("%s-%s-%s.json", kind, group, of["version"]))
			put(t, filepath.Join(folder, file), map[string]any{"$ref": "definitions.json#/definitions/" + name})
		}
	}
	return kinds
}

// closed lets an object have no members but those that it names, unless it names none.
func closed(schema map[string]any) {
	if properties, ok := schema["properties"].(map[string]any); ok {
		if _, open := schema["x-kubernetes-preserve-unknown-fields"]; !open {
			schema["additionalProperties"] = false
		}
		for _, property := range properties {
			if inner, ok := property.(map[string]any); ok {
				closed(inner)
			}
		}
	}
	for _, below := range []string{"items", "additionalProperties"} {
		if inner, ok := schema[below].(map[string]any); ok {
			closed(inner)
		}
	}
}

func put(t *testing.T, file string, document any) {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
