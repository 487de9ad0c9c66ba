package charttest

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// The controllers of two releases in one namespace would compete for one Lease. Seen to fail: helm installed the second
// one.
func TestASecondReleaseInANamespaceIsRefused(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace, elsewhere := cluster.Namespace(t, restricted()), cluster.Namespace(t, restricted())
	kubeconfig := cluster.Kubeconfig(t, "an-administrator", "system:masters")
	call := func(verb, release, namespace string) error {
		_, err := helm(t, verb, release, chart(), "--namespace", namespace, "--kubeconfig", kubeconfig, "--set",
			"crds.enabled=false")
		return err
	}
	if err := call("install", "first", namespace); err != nil {
		t.Fatal(err)
	}
	err := call("install", "second", namespace)
	for _, part := range []string{"the namespace " + namespace + " holds the release first of this chart already",
		"compete for one Lease", "helm upgrade first"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("it does not say %q: %v", part, err)
		}
	}
	if err := call("upgrade", "first", namespace); err != nil {
		t.Errorf("the first release cannot be upgraded: %v", err)
	}
	if err := call("install", "second", elsewhere); err != nil {
		t.Errorf("another namespace: %v", err)
	}
	for release, namespace := range map[string]string{"first": namespace, "second": elsewhere} {
		if _, err := helm(t, "uninstall", release, "--namespace", namespace, "--kubeconfig", kubeconfig); err != nil {
			t.Error(err)
		}
	}
}
