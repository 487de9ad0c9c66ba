package charttest

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Objects of one's own are installed with the release, as YAML or as a template. Seen to fail without the chart's
// template for them.
func TestObjectsOfOnesOwnAreInstalled(t *testing.T) {
	const values = `extraObjects=[` +
		`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "as-yaml"}, "data": {"text": "as it is"}},` +
		`"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: as-template}\ndata: {text: of {{ .Release.Name }}}"]`
	found := map[string]string{}
	for _, object := range template(t, "ucorefs", "--set-json", values) {
		if object.GetKind() == "ConfigMap" {
			text, _, _ := unstructured.NestedString(object.Object, "data", "text")
			found[object.GetName()] = text
		}
	}
	if found["as-yaml"] != "as it is" || found["as-template"] != "of maintenance" {
		t.Errorf("the objects are %v", found)
	}
}
