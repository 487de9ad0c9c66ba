package charttest

import (
	"fmt"
	"slices"
	"strings"
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
	own := []string{"Role ucorefs/maintenance-controller", "Role ucorefs/maintenance-leader"}
	people := []string{"ClusterRole /ucorefs-maintenance-edit", "ClusterRole /ucorefs-maintenance-view"}
	all := []string{"ClusterRole /ucorefs-maintenance-controller"}
	metrics := []string{"ClusterRole /ucorefs-maintenance-metrics-auth", "ClusterRole /ucorefs-maintenance-metrics-reader"}
	tests := map[string]struct {
		values []string
		roles  []string // of what the controller does with schedules; the Lease's is always in the release's namespace
	}{
		"its own namespace":     {nil, own},
		"its own, and people's": {[]string{"rbac.aggregate=true"}, slices.Concat(people, own)},
		"another namespace": {[]string{"watchNamespace=media"}, []string{"Role media/maintenance-controller",
			own[1]}},
		"all namespaces": {[]string{"watchNamespace=*"}, slices.Concat(all, people[:1], metrics, people[1:],
			own[1:])},
		"all namespaces, not people's": {[]string{"watchNamespace=*", "rbac.aggregate=false"}, slices.Concat(all, metrics,
			own[1:])},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects := render(t, "ucorefs", test.values...)
			var roles []string
			for _, role := range rolesOf(objects) {
				roles = append(roles, fmt.Sprintf("%s %s/%s", role.GetKind(), role.GetNamespace(), role.GetName()))
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

// Whoever has rights in one namespace only can install the chart.
func TestTheNamespacedReleaseStaysInItsNamespace(t *testing.T) {
	for _, object := range renderFile(t, "ucorefs", ciValues(t)["namespaced"]) {
		if object.GetNamespace() != "ucorefs" {
			t.Errorf("%s %s is not in the release's namespace", object.GetKind(), object.GetName())
		}
	}
}

// Whatever the values say, nobody gets more than is needed. Seen to fail with a verb on Secrets, and with create on
// pods, put into the chart's role.
func TestNoReleaseGrantsMoreThanIsNeeded(t *testing.T) {
	for name, file := range ciValues(t) {
		for _, role := range rolesOf(renderFile(t, "ucorefs", file)) {
			rules, _, err := unstructured.NestedSlice(role.Object, "rules")
			if err != nil || len(rules) == 0 {
				t.Fatalf("%s: %s has %d rules: %v", name, role.GetName(), len(rules), err)
			}
			for _, rule := range rules {
				if why := excess(rule.(map[string]any), aggregated(role)); why != "" {
					t.Errorf("%s: %s %s %s: %v", name, role.GetKind(), role.GetName(), why, rule)
				}
			}
		}
	}
}

// excess says what no release may ever grant: wildcards, Secrets, new pods, deletion, and the spec of schedules but to
// people.
func excess(rule map[string]any, people bool) string {
	groups, _, _ := unstructured.NestedStringSlice(rule, "apiGroups")
	resources, _, _ := unstructured.NestedStringSlice(rule, "resources")
	verbs, _, _ := unstructured.NestedStringSlice(rule, "verbs")
	only := func(allowed ...string) bool {
		return !slices.ContainsFunc(verbs, func(verb string) bool { return !slices.Contains(allowed, verb) })
	}
	// To change a pod gives no more than to create Jobs does, which the controller must; it tells a run its throttle.
	reads, changes := only("get", "list", "watch"), only("get", "list", "watch", "patch")
	switch {
	case slices.Contains(slices.Concat(groups, resources, verbs), "*"):
		return "holds a wildcard"
	case slices.Contains(resources, "secrets"):
		return "reaches Secrets"
	case slices.ContainsFunc(resources, func(r string) bool { return strings.HasPrefix(r, "pods/") }) ||
		slices.Contains(resources, "pods") && !changes:
		return "does more with pods than read and change them"
	case people:
		if !slices.Equal(resources, []string{"maintenanceschedules"}) {
			return "gives people more than schedules"
		}
	case slices.Contains(resources, "maintenanceschedules") && !reads:
		return "writes schedules"
	case slices.ContainsFunc(verbs, func(verb string) bool { return strings.HasPrefix(verb, "delete") }):
		return "deletes"
	}
	return ""
}

func rolesOf(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	return append(ofKind(objects, "Role"), ofKind(objects, "ClusterRole")...)
}

// aggregated tells whether the role adds to the cluster's own, which people have.
func aggregated(role *unstructured.Unstructured) bool {
	for label := range role.GetLabels() {
		if strings.HasPrefix(label, "rbac.authorization.k8s.io/aggregate-to-") {
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
	if none := ofKind(render(t, "ucorefs", "jobs.serviceAccount.create=false", "jobs.serviceAccount.name=mine",
		"controller.serviceAccount.create=false", "controller.serviceAccount.name=mine"), "ServiceAccount"); len(none) != 0 {
		t.Errorf("create=false makes %d service accounts", len(none))
	}
}
