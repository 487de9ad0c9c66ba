package charttest

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// Kubernetes lets nobody change the value of a PriorityClass: without the check helm would fail in the middle of the
// upgrade.
func TestAPriorityClassKeepsItsValue(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, restricted())
	kubeconfig := cluster.Kubeconfig(t, "an-administrator", "system:masters")
	call := func(verb string, values ...string) error {
		args := []string{verb, "maintenance", chart(), "--namespace", namespace, "--kubeconfig", kubeconfig, "--set",
			"crds.enabled=false"}
		for _, value := range values {
			args = append(args, "--set", value)
		}
		_, err := helm(t, args...)
		return err
	}
	if err := call("install", "lowPriorityClass.value=-9"); err != nil {
		t.Fatal(err)
	}
	err := call("upgrade", "lowPriorityClass.value=-8")
	for _, part := range []string{"lowPriorityClass.value is -8", "exists with the value -9",
		"kubectl delete priorityclass " + namespace + "-maintenance-low"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("it does not say %q: %v", part, err)
		}
	}
	if err := call("upgrade", "lowPriorityClass.value=-9", "normalPriorityClass.value=1"); err == nil {
		t.Error("the value of the class for Normal is taken")
	}
	if err := call("upgrade", "lowPriorityClass.value=-9"); err != nil {
		t.Error(err)
	}
	if _, err := helm(t, "uninstall", "maintenance", "--namespace", namespace, "--kubeconfig", kubeconfig); err != nil {
		t.Error(err)
	}
}
