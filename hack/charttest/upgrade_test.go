package charttest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// newField is a field that the chart before this one did not have.
const newField = "tokenAudience"

// previousChart is this chart as an older release of it would be: with other versions, a CRD that lacks a field, and
// without the value that came with it.
func previousChart(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "maintenance")
	if err := os.CopyFS(folder, os.DirFS(chart())); err != nil {
		t.Fatal(err)
	}
	edit := func(file, pattern, by string) {
		t.Helper()
		path := filepath.Join(folder, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		edited := regexp.MustCompile(pattern).ReplaceAllString(string(text), by)
		if edited == string(text) {
			t.Fatalf("%s has nothing like %s", file, pattern)
		}
		if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("Chart.yaml", `(?m)^(version: |appVersion: ").*?("?)$`, "${1}0.0.9$2")
	edit("templates/crd.yaml", `(?m)^ {18}`+newField+`:\n( {19,}.*\n)+`, "")
	edit("templates/deployment.yaml", `(?m)^.*--database-token-audience.*\n`, "")
	return folder
}

// upgrading is a release whose charts change.
type upgrading struct {
	*clustertest.Cluster
	t                     *testing.T
	namespace, kubeconfig string
}

func (u *upgrading) helm(args ...string) {
	u.t.Helper()
	if _, err := helm(u.t, append(args, "--namespace", u.namespace, "--kubeconfig", u.kubeconfig)...); err != nil {
		u.t.Fatal(err)
	}
}

// withoutCRD is a cluster that has never heard of this; afterwards there is the CRD of this tree again, as the other
// tests have it.
func (u *upgrading) withoutCRD() {
	u.t.Helper()
	crds := envtest.CRDInstallOptions{Paths: []string{filepath.Join(tooltest.Root(), "config", "crd")}}
	if err := envtest.UninstallCRDs(u.Admin, crds); err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() {
		if _, err := envtest.InstallCRDs(u.Admin, crds); err != nil {
			u.t.Error(err)
		}
	})
	clustertest.Eventually(u.t, "the CRD is gone", func() (bool, string) {
		err := u.Client.List(u.t.Context(), &v1alpha1.MaintenanceScheduleList{})
		return meta.IsNoMatchError(err) || apierrors.IsNotFound(err), fmt.Sprint(err)
	})
}

// write makes a schedule that uses the new field; the API server says what it does not know.
func (u *upgrading) write(name string) error {
	schedule := sample(u.namespace)
	schedule.SetName(name)
	_ = unstructured.SetNestedField(schedule.Object, "mongodb", "spec", "database", newField)
	return client.WithFieldValidation(u.Client, "Strict").Create(u.t.Context(), schedule)
}

func (u *upgrading) untilTheFieldIs(known bool) {
	u.t.Helper()
	clustertest.Eventually(u.t, "the API server serves the release's CRD", func() (bool, string) {
		err := u.write("probe")
		_ = u.Client.Delete(u.t.Context(), u.named("probe"))
		return (err == nil) == known, ""
	})
}

func (u *upgrading) named(name string) *unstructured.Unstructured {
	schedule := sample(u.namespace)
	schedule.SetName(name)
	return schedule
}

func (u *upgrading) read(name string) *unstructured.Unstructured {
	u.t.Helper()
	schedule := u.named(name)
	if err := u.Client.Get(u.t.Context(), client.ObjectKeyFromObject(schedule), schedule); err != nil {
		u.t.Fatal(err)
	}
	return schedule
}

// image is the controller's, as it is deployed.
func (u *upgrading) image() string {
	u.t.Helper()
	deployment := &unstructured.Unstructured{}
	deployment.SetAPIVersion("apps/v1")
	deployment.SetKind("Deployment")
	if err := u.Client.Get(u.t.Context(), client.ObjectKey{Namespace: u.namespace, Name: "maintenance-controller"},
		deployment); err != nil {
		u.t.Fatal(err)
	}
	containers, _, _ := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
	return containers[0].(map[string]any)["image"].(string)
}

// An upgrade brings the new CRD and touches no schedule, a rollback brings the old one back and loses nothing that is
// not written, and a release that was removed can be installed again. Seen to fail where the upgrade brings no CRD, as
// helm does not with one in the crds folder.
func TestAnUpgradeBringsItsCRDAndTouchesNoSchedule(t *testing.T) {
	cluster := clustertest.Start(t)
	u := &upgrading{Cluster: cluster, t: t, namespace: cluster.Namespace(t, restricted()),
		kubeconfig: cluster.Kubeconfig(t, "an-administrator", "system:masters")}
	previous := previousChart(t)

	u.withoutCRD()
	u.helm("install", "maintenance", previous)
	u.untilTheFieldIs(false)
	if err := u.Client.Create(t.Context(), u.named("before")); err != nil {
		t.Fatal(err)
	}
	before := u.read("before")

	u.helm("upgrade", "maintenance", chart())
	u.untilTheFieldIs(true)
	if got := u.read("before"); got.GetUID() != before.GetUID() ||
		got.GetResourceVersion() != before.GetResourceVersion() {
		t.Errorf("the upgrade wrote a schedule: %v, then %v", before, got)
	}
	if err := u.write("after"); err != nil {
		t.Fatal(err)
	}
	upgraded := u.image()

	u.helm("rollback", "maintenance")
	u.untilTheFieldIs(false)
	if image := u.image(); image == upgraded || !strings.HasSuffix(image, ":0.0.9") {
		t.Errorf("the rollback deploys %s", image)
	}
	u.read("after")

	u.helm("uninstall", "maintenance")
	u.helm("install", "maintenance", chart()) // takes the CRD over, which is its own
	u.untilTheFieldIs(true)
	if value, _, _ := unstructured.NestedString(u.read("after").Object, "spec", "database", newField); value != "mongodb" {
		t.Errorf("what the older CRD did not know is %q now", value)
	}
	u.helm("uninstall", "maintenance")
	if got := u.read("before"); got.GetUID() != before.GetUID() {
		t.Error("the schedule was made again")
	}
}
