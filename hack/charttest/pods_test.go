package charttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

func as[T any](t *testing.T, object *unstructured.Unstructured) (typed T) {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, &typed,
		true); err != nil {
		t.Fatal(err)
	}
	return typed
}

func deploymentOf(t *testing.T, objects []*unstructured.Unstructured) appsv1.Deployment {
	t.Helper()
	return deploymentNamed(t, objects, "controller")
}

// deploymentNamed is the Deployment of a component.
func deploymentNamed(t *testing.T, objects []*unstructured.Unstructured, component string) appsv1.Deployment {
	t.Helper()
	return as[appsv1.Deployment](t, ofComponent(t, objects, "Deployment", component))
}

// ofComponent is the one object of a kind that belongs to a component.
func ofComponent(t *testing.T, objects []*unstructured.Unstructured, kind,
	component string) *unstructured.Unstructured {
	t.Helper()
	for _, object := range ofKind(objects, kind) {
		if object.GetLabels()["app.kubernetes.io/component"] == component {
			return object
		}
	}
	t.Fatalf("there is no %s of the %s", kind, component)
	return nil
}

// What the values say about the controller's pods is in them.
func TestTheControllersValuesReachItsPods(t *testing.T) {
	deployment := deploymentOf(t, renderFile(t, "ucorefs", ciValues(t)["everything"]))
	pod := deployment.Spec.Template.Spec
	container := pod.Containers[0]
	type facts struct {
		Args, Env, Volumes, Mounts, Topology, Pull string
		Class, Account, Team, CostCenter           string
	}
	got := facts{
		Args: container.Args[len(container.Args)-1], Env: container.Env[0].Value, Volumes: pod.Volumes[0].ConfigMap.Name,
		Mounts:   container.VolumeMounts[0].MountPath,
		Topology: pod.TopologySpreadConstraints[0].TopologyKey, Pull: pod.ImagePullSecrets[0].Name,
		Class: pod.PriorityClassName, Account: pod.ServiceAccountName,
		Team: deployment.Spec.Template.Labels["example.com/team"], CostCenter: deployment.Labels["cost-center"],
	}
	want := facts{"--metrics-bind-address=:8080", "http://proxy.example.com:3128", "company-ca", "/etc/ssl/company",
		"topology.kubernetes.io/zone", "my-registry", "system-cluster-critical", "the-controller", "media", "media"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The images come from images.registry, or from the registry that charts share; complete repositories stay as they are.
func TestTheImagesComeFromTheRegistry(t *testing.T) {
	for name, c := range map[string]struct {
		values []string
		job    string
	}{
		"a registry": {[]string{"images.registry=registry.example.com/ucorefs/"},
			"registry.example.com/ucorefs/maint-job:0.1.0"},
		"one for all charts": {[]string{"images.registry=registry.example.com",
			"global.imageRegistry=mirror.example.com"}, "mirror.example.com/maint-job:0.1.0"},
		"complete repositories": {[]string{"images.registry=", "images.job.repository=ucorefs/maint-job",
			"images.controller.repository=ucorefs/maint-controller"}, "ucorefs/maint-job:0.1.0"},
		"a digest of the registry": {[]string{"images.registry=r.example.com", "images.job.digest=sha256:" +
			strings.Repeat("a", 64)}, "r.example.com/maint-job@sha256:" + strings.Repeat("a", 64)},
	} {
		objects := render(t, "ucorefs", c.values...)
		test := as[corev1.Pod](t, ofKind(objects, "Pod")[0]).Spec.Containers[0]
		if args := deploymentOf(t, objects).Spec.Template.Spec.Containers[0].Args; test.Image != c.job ||
			!slices.Contains(args, "--job-image="+c.job) {
			t.Errorf("%s: %s, %v", name, test.Image, args)
		}
	}
}

func TestUserNamespacesAreForTheClusterUnlessTheValuesSaySo(t *testing.T) {
	for value, want := range map[string]*bool{"Auto": nil, "true": new(true), "false": new(false)} {
		objects := render(t, "ucorefs", "controller.hostUsers="+value, "jobs.hostUsers="+value)
		controller, test := deploymentOf(t, objects).Spec.Template.Spec, as[corev1.Pod](t, ofKind(objects, "Pod")[0]).Spec
		if diff := cmp.Diff([]*bool{want, want}, []*bool{controller.HostUsers, test.HostUsers}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", value, diff)
		}
		if args := strings.Join(controller.Containers[0].Args, " "); strings.Contains(args, "--job-host-users="+
			value) != (want != nil) {
			t.Errorf("%s: the controller's arguments are %s", value, args)
		}
	}
}

func TestCommonLabelsAreOnEveryObject(t *testing.T) {
	for _, object := range renderFile(t, "ucorefs", ciValues(t)["everything"]) {
		if object.GetLabels()["cost-center"] != "media" {
			t.Errorf("%s %s has the labels %v", object.GetKind(), object.GetName(), object.GetLabels())
		}
	}
}

// A spread constraint without a selector would count no pod, and so do nothing.
func TestASpreadConstraintCountsTheControllersPods(t *testing.T) {
	deployment := deploymentOf(t, renderFile(t, "ucorefs", ciValues(t)["ha"]))
	for _, constraint := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
		if !selects(t, constraint.LabelSelector, deployment.Spec.Template.Labels) {
			t.Errorf("%s does not count them", constraint.TopologyKey)
		}
	}
}

func selects(t *testing.T, selector *metav1.LabelSelector, of map[string]string) bool {
	t.Helper()
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Matches(labels.Set(of))
}

func TestADisruptionBudgetIsThereWhereItProtects(t *testing.T) {
	for value, want := range map[string]int{"controller.replicas=1": 0, "controller.replicas=0": 0,
		"controller.replicas=2": 1} {
		if got := len(ofKind(render(t, "ucorefs", value), "PodDisruptionBudget")); got != want {
			t.Errorf("%s: %d, not %d", value, got, want)
		}
	}
}

// On OpenShift no pod has an id, neither the controller nor those that it and helm test make; elsewhere all have.
func TestTheClusterDecidesTheIDsOnOpenShift(t *testing.T) {
	tests := map[string]struct {
		args []string
		ids  bool
	}{
		"any other cluster": {nil, true},
		"a cluster that is OpenShift": {[]string{"--api-versions", "security.openshift.io/v1/SecurityContextConstraints"},
			false},
		"said so": {[]string{"--set", "openshift=true"}, false},
		"said not to be, though it is ": {[]string{"--set", "openshift=false", "--api-versions",
			"security.openshift.io/v1/SecurityContextConstraints"}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects := template(t, "ucorefs", test.args...)
			deployment := deploymentOf(t, objects)
			pods := []corev1.PodSpec{deployment.Spec.Template.Spec, as[corev1.Pod](t, ofKind(objects, "Pod")[0]).Spec}
			for _, pod := range pods {
				if (pod.SecurityContext.RunAsUser != nil) != test.ids || (pod.SecurityContext.RunAsGroup != nil) != test.ids ||
					!*pod.SecurityContext.RunAsNonRoot {
					t.Errorf("a pod's security context is %+v", pod.SecurityContext)
				}
			}
			args := strings.Join(pods[0].Containers[0].Args, " ")
			if strings.Contains(args, "--job-ids-from-cluster") == test.ids || strings.Contains(args, "--job-user") != test.ids {
				t.Errorf("the controller's arguments are %s", args)
			}
		})
	}
}

// The policies select the pods that they mean, deny both ways, and open the ports that the pods use.
func TestNetworkPoliciesSelectThePodsThatTheyMean(t *testing.T) {
	objects := render(t, "ucorefs", "networkPolicy.enabled=true", "jobs.progressPort=9000")
	policies := ofKind(objects, "NetworkPolicy")
	if len(policies) != 2 {
		t.Fatalf("%d policies", len(policies))
	}
	controller, jobs := as[networkingv1.NetworkPolicy](t, policies[0]), as[networkingv1.NetworkPolicy](t, policies[1])
	controllerLabels, runLabels := deploymentOf(t, objects).Spec.Template.Labels, labelsOfARun(t)
	toRuns, fromController := controller.Spec.Egress[2].To[0], jobs.Spec.Ingress[0].From[0]
	for what, ok := range map[string]bool{
		"the controller's policy selects it": selects(t, &controller.Spec.PodSelector, controllerLabels) &&
			!selects(t, &controller.Spec.PodSelector, runLabels),
		"the runs' policy selects them": selects(t, &jobs.Spec.PodSelector, runLabels) &&
			!selects(t, &jobs.Spec.PodSelector, controllerLabels),
		"the controller may ask the runs": selects(t, toRuns.PodSelector, runLabels) &&
			controller.Spec.Egress[2].Ports[0].Port.IntValue() == 9000,
		"the runs may be asked": selects(t, fromController.PodSelector, controllerLabels) &&
			jobs.Spec.Ingress[0].Ports[0].Port.IntValue() == 9000,
		"the runs may not talk to the server": len(jobs.Spec.Egress) == 2 &&
			jobs.Spec.Egress[1].Ports[0].Port.IntValue() == 27017,
		"both deny what they do not allow": len(controller.Spec.PolicyTypes) == 2 && len(jobs.Spec.PolicyTypes) == 2,
		"the metrics port is the container's": slices.ContainsFunc(deploymentOf(t,
			objects).Spec.Template.Spec.Containers[0].Ports,
			func(p corev1.ContainerPort) bool { return p.Name == controller.Spec.Ingress[0].Ports[0].Port.StrVal }),
		"no progress, nothing comes in": as[networkingv1.NetworkPolicy](t,
			ofKind(render(t, "ucorefs", "networkPolicy.enabled=true", "jobs.progressPort=0"),
				"NetworkPolicy")[1]).Spec.Ingress == nil,
		"helm's test pod is as the runs are": selects(t, &jobs.Spec.PodSelector, ofKind(objects, "Pod")[0].GetLabels()) &&
			!selects(t, &controller.Spec.PodSelector, ofKind(objects, "Pod")[0].GetLabels()),
		"off unless asked for, as by default ": len(ofKind(render(t, "ucorefs"), "NetworkPolicy")) == 0,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
}

// labelsOfARun are those of the pods that pkg/cronjob makes.
func labelsOfARun(t *testing.T) map[string]string {
	t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ucorefs", Name: "nightly"},
		Spec:       v1alpha1.MaintenanceScheduleSpec{Task: "verify-references", Schedule: "0 3 * * *"},
	}
	resolved, err := cronjob.Resolve(ms, cronjob.Settings{Database: v1alpha1.DatabaseSpec{SecretName: "s"}})
	if err != nil {
		t.Fatal(err)
	}
	return resolved.CronJob(false, time.Time{}).Spec.JobTemplate.Spec.Template.Labels
}
