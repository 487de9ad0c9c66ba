package charttest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// restricted makes a namespace refuse, and warn of, whatever Pod Security "restricted" does not allow.
func restricted() map[string]string {
	return map[string]string{"pod-security.kubernetes.io/enforce": "restricted",
		"pod-security.kubernetes.io/warn": "restricted"}
}

// warnings collects what the API server warns of.
type warnings struct {
	mu   sync.Mutex
	said []string
}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, _ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, text)
}

func strictClient(t *testing.T, cluster *clustertest.Cluster, heard *warnings) client.Client {
	t.Helper()
	config := rest.CopyConfig(cluster.Admin)
	config.WarningHandlerWithContext = heard
	direct, err := client.New(config, client.Options{Scheme: clustertest.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return client.WithFieldValidation(direct, metav1.FieldValidationStrict)
}

// dryRun sends the object as it would be created. The CRD is there already; a service account is stored, since pods
// need it.
func dryRun(t *testing.T, c client.Client, object *unstructured.Unstructured) {
	t.Helper()
	var err error
	switch object.GetKind() {
	case "CustomResourceDefinition":
		existing := object.DeepCopy()
		if err = c.Get(t.Context(), client.ObjectKeyFromObject(object), existing); err == nil {
			object.SetResourceVersion(existing.GetResourceVersion())
			err = c.Update(t.Context(), object, client.DryRunAll)
		}
	case "ServiceAccount":
		err = c.Create(t.Context(), object)
	default:
		err = c.Create(t.Context(), object, client.DryRunAll)
	}
	if err != nil {
		t.Errorf("%s %s: %v", object.GetKind(), object.GetName(), err)
	}
}

// podOf is the pod that the Deployment would make.
func podOf(t *testing.T, deployment *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	template, _, err := unstructured.NestedMap(deployment.Object, "spec", "template")
	if err != nil {
		t.Fatal(err)
	}
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetNamespace(deployment.GetNamespace())
	pod.SetName(deployment.GetName())
	return pod
}

// The real helm installs, upgrades and removes the release; the CRD, and with it everybody's schedules, stay.
func TestARemovedReleaseLeavesTheSchedules(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, restricted())
	kubeconfig := cluster.Kubeconfig(t, "an-administrator", "system:masters")
	run := func(args ...string) string {
		t.Helper()
		out, err := helm(t, append(args, "--namespace", namespace, "--kubeconfig", kubeconfig)...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	// The control plane brought the CRD; the release takes it over, as it would take one that kubectl applied.
	// docs/install.md quotes the error.
	install := []string{"install", "maintenance", chart(), "--namespace", namespace, "--kubeconfig", kubeconfig}
	const says = "exists and cannot be imported into the current release"
	if out, err := helm(t, install...); err == nil || !strings.Contains(err.Error()+out, says) {
		t.Errorf("without --take-ownership: %v %s", err, out)
	}
	notes := run("install", "maintenance", chart(), "--take-ownership")
	if !strings.Contains(notes, "kubectl create secret generic ucorefs-mongodb") {
		t.Errorf("the notes do not say how to make the Secret:\n%s", notes)
	}
	run("upgrade", "maintenance", chart(), "--set", "database.secretName=ucorefs-mongodb")
	schedule := sample(namespace)
	if err := cluster.Client.Create(t.Context(), schedule); err != nil {
		t.Fatal(err)
	}
	run("uninstall", "maintenance")
	if err := cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(schedule), schedule); err != nil {
		t.Errorf("the schedule went with the release: %v", err)
	}
	left := &unstructured.UnstructuredList{}
	left.SetAPIVersion("apps/v1")
	left.SetKind("DeploymentList")
	if err := cluster.Client.List(t.Context(), left, client.InNamespace(namespace)); err != nil || len(left.Items) > 0 {
		t.Errorf("of the release %d Deployments are left: %v", len(left.Items), err)
	}
}

func sample(namespace string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "maintenance.ucorefs.io/v1alpha1", "kind": "MaintenanceSchedule",
		"metadata": map[string]any{"namespace": namespace, "name": "nightly"},
		"spec":     map[string]any{"task": "verify-references", "schedule": "0 3 * * *"},
	}}
}

// Two releases in one cluster keep out of each other's way.
func TestTwoReleasesHaveNoObjectInCommon(t *testing.T) {
	names := map[string]string{}
	for _, namespace := range []string{"media", "films"} {
		for _, object := range render(t, namespace, "crds.enabled=false", "watchNamespace=*") {
			key := fmt.Sprintf("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
			if other := names[key]; other != "" {
				t.Errorf("%s is of the releases in %s and %s", key, other, namespace)
			}
			names[key] = namespace
		}
	}
	if len(names) == 0 {
		t.Error("nothing was rendered")
	}
}
