package charttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ofDashboard are the objects that the dashboard adds.
func ofDashboard(objects []*unstructured.Unstructured) (found []*unstructured.Unstructured) {
	for _, object := range objects {
		if object.GetLabels()["app.kubernetes.io/component"] == "dashboard" {
			found = append(found, object)
		}
	}
	return found
}

func kinds(objects []*unstructured.Unstructured) (kinds []string) {
	for _, object := range objects {
		kinds = append(kinds, object.GetKind())
	}
	slices.Sort(kinds)
	return kinds
}

const routed = "dashboard.httpRoute.enabled=true,dashboard.httpRoute.host=a.example,dashboard.httpRoute.parentRefs[0].name=web"

const proxied = "dashboard.enabled=true,dashboard.auth=proxy,dashboard.proxy.cidrs={10.1.2.3/32},dashboard.proxy.groups={media}"

func TestTheDashboardIsThereWhereItIsWanted(t *testing.T) {
	tests := map[string]struct {
		values string
		want   []string
	}{
		"by default":  {"jobs.logLevel=info", nil},
		"with tokens": {"dashboard.enabled=true", []string{"Deployment", "Service", "ServiceAccount"}},
		"with a proxy": {proxied, []string{"ClusterRole", "ClusterRoleBinding", "Deployment", "Service",
			"ServiceAccount"}},
		"with an Ingress": {"dashboard.enabled=true,dashboard.ingress.enabled=true,dashboard.ingress.host=a.example",
			[]string{"Deployment", "Ingress", "Service", "ServiceAccount"}},
		"with an HTTPRoute": {"dashboard.enabled=true," + routed, []string{"Deployment", "HTTPRoute", "Service",
			"ServiceAccount"}},
		"with policies": {"dashboard.enabled=true,networkPolicy.enabled=true", []string{"Deployment", "NetworkPolicy",
			"Service", "ServiceAccount"}},
		"with replicas": {"dashboard.enabled=true,dashboard.replicas=2,dashboard.sessionKeySecretName=key",
			[]string{"Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"}},
		"with an account of it": {"dashboard.enabled=true,dashboard.serviceAccount.create=false,dashboard.serviceAccount.name=mine", []string{"Deployment", "Service"}},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, kinds(ofDashboard(render(t, "ucorefs", test.values)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The pod has a token only where it impersonates people; elsewhere it holds nothing that the API server would accept.
func TestTheDashboardsPodHasNoTokenOfItsOwn(t *testing.T) {
	for values, want := range map[string]bool{"dashboard.enabled=true": false, proxied: true} {
		pod := deploymentNamed(t, render(t, "ucorefs", values), "dashboard").Spec.Template.Spec
		if *pod.AutomountServiceAccountToken != want {
			t.Errorf("%s: the token is mounted: %t", values, *pod.AutomountServiceAccountToken)
		}
		for _, volume := range pod.Volumes {
			if volume.Projected != nil {
				t.Errorf("%s: the volume %s is projected", values, volume.Name)
			}
		}
		if args := strings.Join(pod.Containers[0].Args, " "); !strings.Contains(args, "--plain-http") ||
			!strings.Contains(args, "--namespace=ucorefs") {
			t.Errorf("%s: the arguments are %s", values, args)
		}
	}
}

// It may impersonate the groups that are named and no others; no group is named by default.
func TestTheDashboardMayImpersonateAndNothingElse(t *testing.T) {
	users := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"users"}, Verbs: []string{"impersonate"}}
	anna := users
	anna.ResourceNames = []string{"anna"}
	groups := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"groups"}, ResourceNames: []string{"media"},
		Verbs: []string{"impersonate"}}
	for values, want := range map[string][]rbacv1.PolicyRule{
		proxied: {users, groups},
		proxied + ",dashboard.proxy.users={anna}":                                                             {anna, groups},
		"dashboard.enabled=true,dashboard.auth=proxy,dashboard.proxy.cidrs={10.1.2.3/32}":                     {users},
		"dashboard.enabled=true,dashboard.auth=proxy,dashboard.proxy.cidrs={10.1.2.3/32},rbac.aggregate=true": {users},
	} {
		objects := render(t, "ucorefs", values)
		role := as[rbacv1.ClusterRole](t, ofComponent(t, objects, "ClusterRole", "dashboard"))
		if diff := cmp.Diff(want, role.Rules); diff != "" {
			t.Errorf("%s (-want +got):\n%s", values, diff)
		}
		binding := as[rbacv1.ClusterRoleBinding](t, ofComponent(t, objects, "ClusterRoleBinding", "dashboard"))
		if len(binding.Subjects) != 1 || binding.Subjects[0].Name != "maintenance-dashboard" ||
			binding.RoleRef.Name != role.Name {
			t.Errorf("%s: it is bound to %v", values, binding.Subjects)
		}
	}
}

// What the values say about the dashboard is in its pods and in front of them.
func TestTheDashboardsValuesReachIt(t *testing.T) {
	objects := renderFile(t, "ucorefs", ciValues(t)["everything"])
	pod := deploymentNamed(t, objects, "dashboard").Spec.Template.Spec
	args := strings.Join(pod.Containers[0].Args, " ")
	for _, want := range []string{"--auth=proxy", "--log-level=debug", "--tls-cert-dir=/etc/maintenance/tls",
		"--proxy-cidr=10.1.2.3/32", "--proxy-cidr=fd00::3/128",
		"--proxy-user-header=X-Auth-Request-User", "--proxy-groups-header=X-Auth-Request-Groups", "--proxy-group=media",
		"--proxy-group=operators"} {
		if !strings.Contains(args, want) {
			t.Errorf("%s is not in %s", want, args)
		}
	}
	if pod.PriorityClassName != "system-cluster-critical" || pod.ServiceAccountName != "the-dashboard" ||
		pod.Volumes[0].Secret.SecretName != "page-tls" {
		t.Errorf("the pod is %+v", pod)
	}
	for _, arg := range deploymentNamed(t, renderFile(t, "ucorefs", ciValues(t)["dashboard"]),
		"dashboard").Spec.Template.Spec.Containers[0].Args {
		if strings.Contains(arg, "proxy") {
			t.Errorf("with tokens it is told of a proxy: %s", arg)
		}
	}
	ingress := as[networkingv1.Ingress](t, ofComponent(t, objects, "Ingress", "dashboard"))
	if len(ingress.Spec.TLS) != 1 || ingress.Spec.TLS[0].Hosts[0] != "maintenance.example.com" {
		t.Errorf("the Ingress serves plain HTTP: %+v", ingress.Spec)
	}
}

// A route leads to the port that the Service has, and to no other host.
func TestTheHTTPRouteLeadsToTheService(t *testing.T) {
	for values, port := range map[string]float64{"dashboard.enabled=true," + routed: 80,
		"dashboard.enabled=true,dashboard.tlsSecretName=page-tls," + routed: 443} {
		objects := render(t, "ucorefs", values)
		route := ofComponent(t, objects, "HTTPRoute", "dashboard")
		service := as[corev1.Service](t, ofComponent(t, objects, "Service", "dashboard"))
		rules, _, err := unstructured.NestedSlice(route.Object, "spec", "rules")
		if err != nil || len(rules) != 1 {
			t.Fatalf("%s: the rules are %v: %v", values, rules, err)
		}
		backends, _, err := unstructured.NestedSlice(rules[0].(map[string]any), "backendRefs")
		if diff := cmp.Diff([]any{map[string]any{"name": service.Name, "port": port}}, backends); diff != "" || err != nil ||
			float64(service.Spec.Ports[0].Port) != port {
			t.Errorf("%s: %v (-want +got):\n%s", values, err, diff)
		}
		hosts, _, err := unstructured.NestedStringSlice(route.Object, "spec", "hostnames")
		if diff := cmp.Diff([]string{"a.example"}, hosts); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", values, err, diff)
		}
	}
}

// The Service, the policy and the budget mean the dashboard's pods and no others.
func TestTheDashboardsSelectorsMeanItsPods(t *testing.T) {
	objects := renderFile(t, "ucorefs", ciValues(t)["dashboard"])
	page, controller := deploymentNamed(t, objects, "dashboard"), deploymentOf(t, objects)
	policy := as[networkingv1.NetworkPolicy](t, ofComponent(t, objects, "NetworkPolicy", "dashboard"))
	service := as[corev1.Service](t, ofComponent(t, objects, "Service", "dashboard"))
	port := func(name string) bool {
		return slices.ContainsFunc(page.Spec.Template.Spec.Containers[0].Ports,
			func(p corev1.ContainerPort) bool { return p.Name == name })
	}
	for what, ok := range map[string]bool{
		"the Deployment selects its pods": selects(t, page.Spec.Selector, page.Spec.Template.Labels) &&
			!selects(t, page.Spec.Selector, controller.Spec.Template.Labels),
		"the controller's does not": !selects(t, controller.Spec.Selector, page.Spec.Template.Labels),
		"the policy selects them": selects(t, &policy.Spec.PodSelector, page.Spec.Template.Labels) &&
			!selects(t, &policy.Spec.PodSelector, controller.Spec.Template.Labels),
		"the policy denies the rest": len(policy.Spec.PolicyTypes) == 2 && len(policy.Spec.Ingress) == 1 &&
			len(policy.Spec.Ingress[0].From) == 1,
		"the policy opens the page's port": port(policy.Spec.Ingress[0].Ports[0].Port.StrVal) && !port("metrics"),
		"the Service leads to the pods": cmp.Equal(service.Spec.Selector, page.Spec.Selector.MatchLabels) &&
			port(service.Spec.Ports[0].TargetPort.StrVal),
		"with a certificate it is port 443": service.Spec.Ports[0].Port == 443,
		"without a certificate it is port 80": as[corev1.Service](t,
			ofComponent(t, render(t, "ucorefs", "dashboard.enabled=true"), "Service", "dashboard")).Spec.Ports[0].Port == 80,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
}
