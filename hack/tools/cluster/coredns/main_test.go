package main

import (
	"regexp"
	"slices"
	"testing"

	"github.com/coredns/caddy"

	"ucorefs.io/maintenance/hack/tools/cluster/config"
)

func TestEveryPluginOfTheCorefileIsCompiledIn(t *testing.T) {
	files, err := config.Render(config.Params{})
	if err != nil {
		t.Fatal(err)
	}
	directives := regexp.MustCompile(`(?m)^        ([a-z]+)\b`).FindAllStringSubmatch(corefile(t, files), -1)
	if len(directives) < 4 {
		t.Fatalf("the Corefile has the directives %v", directives)
	}
	for _, directive := range directives {
		if !slices.Contains(caddy.ListPlugins()["others"], "dns."+directive[1]) {
			t.Errorf("the Corefile names %s: import its plugin in main.go", directive[1])
		}
	}
}

func corefile(t *testing.T, files map[string][]byte) string {
	t.Helper()
	text := regexp.MustCompile(`(?s)Corefile: \|\n(.*?)\n---`).FindSubmatch(files["manifests/coredns.yaml"])
	if text == nil {
		t.Fatal("there is no Corefile in coredns.yaml")
	}
	return string(text[1])
}
