package charttest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func compareObjects(t *testing.T, want, got *unstructured.Unstructured) {
	t.Helper()
	if diff := cmp.Diff(want.Object, got.Object); diff != "" {
		t.Errorf("%s %s (-want +got):\n%s", want.GetKind(), want.GetName(), diff)
	}
}

// The rights are in one namespace unless all are watched, and what they allow is the same.
func TestRightsReachAsFarAsTheControllerWatches(t *testing.T) {
	tests := map[string]struct {
		value string
		roles []string // of what the controller does with schedules; the Lease's is always in the release's namespace
	}{
		"its own namespace": {"watchNamespace=", []string{"Role ucorefs/maintenance-controller", "Role ucorefs/maintenance-leader"}},
		"another namespace": {"watchNamespace=media", []string{"Role media/maintenance-controller", "Role ucorefs/maintenance-leader"}},
		"all namespaces":    {"watchNamespace=*", []string{"ClusterRole /ucorefs-maintenance-controller", "Role ucorefs/maintenance-leader"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects := render(t, "ucorefs", test.value)
			var roles []string
			for _, role := range append(ofKind(objects, "Role"), ofKind(objects, "ClusterRole")...) {
				roles = append(roles, fmt.Sprintf("%s %s/%s", role.GetKind(), role.GetNamespace(), role.GetName()))
				if writesWhatIsNotItsOwn(t, role) {
					t.Errorf("%s may more than the controller needs", role.GetName())
				}
			}
			slices.Sort(roles)
			if diff := cmp.Diff(test.roles, roles); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
			for _, binding := range append(ofKind(objects, "RoleBinding"), ofKind(objects, "ClusterRoleBinding")...) {
				subjects, _, _ := unstructured.NestedSlice(binding.Object, "subjects")
				if len(subjects) != 1 || subjects[0].(map[string]any)["name"] != "maintenance-controller" {
					t.Errorf("%s binds %v", binding.GetName(), subjects)
				}
			}
		})
	}
}

// writesWhatIsNotItsOwn finds what no release of this chart may ever grant: wildcards, Secrets, deletion, and the spec of schedules.
func writesWhatIsNotItsOwn(t *testing.T, role *unstructured.Unstructured) bool {
	t.Helper()
	rules, _, err := unstructured.NestedSlice(role.Object, "rules")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		groups, _, _ := unstructured.NestedStringSlice(rule.(map[string]any), "apiGroups")
		resources, _, _ := unstructured.NestedStringSlice(rule.(map[string]any), "resources")
		verbs, _, _ := unstructured.NestedStringSlice(rule.(map[string]any), "verbs")
		if slices.Contains(slices.Concat(groups, resources, verbs), "*") || slices.Contains(resources, "secrets") || slices.Contains(verbs, "delete") {
			return true
		}
		if slices.Contains(resources, "maintenanceschedules") && !slices.Equal(verbs, []string{"list", "watch"}) {
			return true
		}
	}
	return false
}

func TestServiceAccountsCarryNoToken(t *testing.T) {
	accounts := ofKind(render(t, "ucorefs"), "ServiceAccount")
	if len(accounts) != 2 {
		t.Fatalf("the chart has %d service accounts", len(accounts))
	}
	for _, account := range accounts {
		if mounts, found, _ := unstructured.NestedBool(account.Object, "automountServiceAccountToken"); !found || mounts {
			t.Errorf("%s mounts its token into whatever pod names it", account.GetName())
		}
	}
	if none := ofKind(render(t, "ucorefs", "jobs.serviceAccount.create=false", "controller.serviceAccount.create=false"), "ServiceAccount"); len(none) != 0 {
		t.Errorf("create=false makes %d service accounts", len(none))
	}
}
