package config

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestRender(t *testing.T) {
	files, err := Render(Params{Cgroup: "local-cluster-dev", Snapshotter: "overlayfs"})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		t.Run(path, func(t *testing.T) {
			if bytes.Contains(content, []byte("{{")) || bytes.Contains(content, []byte("<no value>")) {
				t.Errorf("not fully rendered:\n%s", content)
			}
			if strings.HasSuffix(path, ".yaml") {
				parseYAML(t, content)
			}
			if strings.HasSuffix(path, ".conflist") && !json.Valid(content) {
				t.Errorf("no JSON:\n%s", content)
			}
		})
	}
}

func parseYAML(t *testing.T, content []byte) {
	for document := range bytes.SplitSeq(content, []byte("\n---\n")) {
		var object map[string]any
		if err := yaml.UnmarshalStrict(document, &object); err != nil || object["kind"] == nil {
			t.Errorf("%v in\n%s", err, document)
		}
	}
}

func TestEachClusterHasItsOwnControlGroup(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		files, err := Render(Params{Cgroup: name, Snapshotter: "native"})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(files["kubelet.yaml"], []byte(`cgroupRoot: "/`+name+`"`)) {
			t.Errorf("%s", files["kubelet.yaml"])
		}
		if !bytes.Contains(files["containerd.toml"], []byte(`snapshotter = "native"`)) {
			t.Errorf("%s", files["containerd.toml"])
		}
	}
}
