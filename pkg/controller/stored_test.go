package controller

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// A schedule that was stored before the field was removed must not run on other collections than those that its model
// named. Seen to fail where the spec was resolved without a look at the field.
func TestAStoredScheduleWithARemovedFieldIsStalled(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.Database = &v1alpha1.DatabaseSpec{SecretName: "ucorefs-mongodb", ModelConfigMap: "films-model"}
	l.asOfAnEarlierRelease(func() { l.create("old", spec) })

	c := l.untilCondition("old", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidParameters)
	says(t, "old", c.Message, "spec.database.libraryConfigMap")
	if found := l.cronJob("old"); found != nil {
		t.Errorf("it has a CronJob: %v", found.Spec)
	}
	l.change("old", func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Database.ModelConfigMap, ms.Spec.Database.LibraryConfigMap = "", "films-library"
	})
	l.untilReady("old")
}

// asOfAnEarlierRelease lets the API server accept spec.database.modelConfigMap meanwhile.
func (l *lab) asOfAnEarlierRelease(store func()) {
	l.t.Helper()
	l.setModelRule("true")
	probe := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "probe"}, Spec: nightly()}
	probe.Spec.Database = &v1alpha1.DatabaseSpec{ModelConfigMap: "films-model"}
	accepted := func() (bool, string) {
		err := l.Client.Create(l.t.Context(), probe.DeepCopy(), client.DryRunAll)
		if err != nil && !strings.Contains(err.Error(), "was removed") {
			return false, err.Error()
		}
		return err == nil, "refused"
	}
	clustertest.Eventually(l.t, "the API server accepts the field", accepted)
	store()
	l.setModelRule("false")
	clustertest.Eventually(l.t, "the API server refuses the field again", func() (bool, string) { ok, _ := accepted(); return !ok, "accepted" })
}

// setModelRule sets the rule of spec.database.modelConfigMap in the CRD.
func (l *lab) setModelRule(rule string) {
	l.t.Helper()
	crd := &unstructured.Unstructured{}
	crd.SetAPIVersion("apiextensions.k8s.io/v1")
	crd.SetKind("CustomResourceDefinition")
	if err := l.Client.Get(l.t.Context(), client.ObjectKey{Name: "maintenanceschedules.maintenance.ucorefs.io"}, crd); err != nil {
		l.t.Fatal(err)
	}
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	rules := []any{map[string]any{"rule": rule, "message": "database.modelConfigMap was removed"}}
	path := strings.Fields("schema openAPIV3Schema properties spec properties database properties modelConfigMap x-kubernetes-validations")
	if err := unstructured.SetNestedSlice(versions[0].(map[string]any), rules, path...); err != nil {
		l.t.Fatal(err)
	}
	if err := unstructured.SetNestedSlice(crd.Object, versions, "spec", "versions"); err != nil {
		l.t.Fatal(err)
	}
	if err := l.Client.Update(l.t.Context(), crd); err != nil {
		l.t.Fatal(err)
	}
}
