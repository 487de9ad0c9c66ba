package charttest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// The modules whose CRDs judge what is made for them. Nothing of them is compiled.
const (
	operator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
	gateway  = "sigs.k8s.io/gateway-api@v1.4.0"
)

// installOthersCRDs has the API server take ServiceMonitors, PrometheusRules and HTTPRoutes, as their authors define
// them.
func installOthersCRDs(t *testing.T, cluster *clustertest.Cluster) {
	t.Helper()
	monitoring := filepath.Join(downloaded(t, operator), "example", "prometheus-operator-crd", "monitoring.coreos.com_")
	files := []string{monitoring + "servicemonitors.yaml", monitoring + "prometheusrules.yaml",
		filepath.Join(downloaded(t, gateway), "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml")}
	if _, err := envtest.InstallCRDs(cluster.Admin, envtest.CRDInstallOptions{Paths: files,
		ErrorIfPathMissing: true}); err != nil {
		t.Fatalf("install the CRDs: %v", err)
	}
}

// downloaded is the folder of a module.
func downloaded(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("download %s: %v", module, err)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found.Dir
}

// apis are what a cluster with the Prometheus operator has.
var apis = []string{"--api-versions", "monitoring.coreos.com/v1/ServiceMonitor", "--api-versions",
	"monitoring.coreos.com/v1/PrometheusRule"}

// What is for the Prometheus operator is there where it is, unless the values say otherwise. Seen to fail with Auto
// taken for true.
func TestMonitoringIsThereWhereTheOperatorIs(t *testing.T) {
	all := []string{"ConfigMap maintenance-dashboard", "PrometheusRule maintenance", "ServiceMonitor maintenance"}
	tests := map[string]struct {
		args []string
		want []string
	}{
		"a cluster without it": {nil, nil},
		"a cluster with it":    {apis, all},
		"a cluster with it, and no wish": {append(slices.Clone(apis), "--set",
			"metrics.serviceMonitor.create=false,metrics.prometheusRule.create=false,metrics.dashboard.create=false"), nil},
		"helm template, and the wish": {[]string{"--set",
			"metrics.serviceMonitor.create=true,metrics.prometheusRule.create=true,metrics.dashboard.create=true"}, all},
		"a sidecar without the operator": {[]string{"--set", "metrics.dashboard.create=true"}, all[:1]},
		"rules that another release takes": {append(slices.Clone(apis), "--set", "metrics.prometheusRule.create=false"),
			[]string{all[0], all[2]}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, object := range template(t, "ucorefs", test.args...) {
				if kind := object.GetKind(); kind == "ConfigMap" || strings.HasPrefix(object.GetAPIVersion(),
					"monitoring.coreos.com/") {
					got = append(got, kind+" "+object.GetName())
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What links to the documentation follows docsURL, and without one nothing does. Seen to fail with the address of the
// dashboard's own file.
func TestLinksLeadToTheDocumentationOrNowhere(t *testing.T) {
	const wiki = "https://wiki.example.com/docs"
	cluster := clustertest.Start(t) // Helm 3 asks it before it shows notes
	kubeconfig := cluster.Kubeconfig(t, "an-administrator", "system:masters")
	for docs, count := range map[string]int{wiki + "/": 8, "": 0} {
		args := []string{"metrics.dashboard.create=true", "metrics.prometheusRule.create=true", "docsURL=" + docs}
		var text strings.Builder
		for _, object := range render(t, "ucorefs", args...) {
			data, _ := json.Marshal(object)
			text.Write(data)
			if object.GetKind() == "ConfigMap" {
				board, _, _ := unstructured.NestedString(object.Object, "data", "ucorefs-maintenance.json")
				if got := strings.Count(board, wiki); !json.Valid([]byte(board)) || got != count {
					t.Errorf("docsURL=%s: the dashboard has %d links, want %d, or is no JSON", docs, got, count)
				}
			}
		}
		notes, err := helm(t, "install", "maintenance", chart(), "--namespace", cluster.Namespace(t, restricted()),
			"--kubeconfig", kubeconfig, "--take-ownership", "--dry-run=client", "--set", "docsURL="+docs)
		if err != nil {
			t.Fatal(err)
		}
		_, notes, _ = strings.Cut(notes, "NOTES:\n")
		if strings.Contains(notes, wiki+"/README.md") != (count > 0) || strings.Contains(text.String()+notes,
			"github.com/ucorefs") {
			t.Errorf("docsURL=%s: the links are of another address:\n%s", docs, notes)
		}
	}
}

// The metrics are secure by themselves only where there is a ClusterRole anyhow; Prometheus is told how to read them.
func TestMetricsAreSecureWhereAllNamespacesAreWatched(t *testing.T) {
	tests := map[string]struct {
		values []string
		secure bool
	}{
		"one namespace":                    {nil, false},
		"all namespaces":                   {[]string{"watchNamespace=*"}, true},
		"one namespace, and the wish":      {[]string{"metrics.secure=true"}, true},
		"all namespaces, and another wish": {[]string{"watchNamespace=*", "metrics.secure=false"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects := render(t, "ucorefs", append(test.values, "metrics.serviceMonitor.create=true")...)
			flag := slices.Contains(deploymentOf(t, objects).Spec.Template.Spec.Containers[0].Args, "--metrics-secure")
			roles := slices.ContainsFunc(rolesOf(objects), func(role *unstructured.Unstructured) bool {
				return role.GetName() == "ucorefs-maintenance-metrics-auth"
			})
			endpoints, _, _ := unstructured.NestedSlice(ofKind(objects, "ServiceMonitor")[0].Object, "spec", "endpoints")
			https := endpoints[0].(map[string]any)["scheme"] == "https"
			if flag != test.secure || roles != test.secure || https != test.secure {
				t.Errorf("the flag is %v, the roles %v, https %v, want %v", flag, roles, https, test.secure)
			}
		})
	}
}

// A certificate from a Secret reaches the controller, and Prometheus verifies it.
func TestTheMetricsCertificateReachesBothSides(t *testing.T) {
	objects := render(t, "ucorefs", "metrics.secure=true", "metrics.tlsSecretName=metrics-tls",
		"metrics.serviceMonitor.create=true")
	pod := deploymentOf(t, objects).Spec.Template.Spec
	if len(pod.Volumes) != 1 || pod.Volumes[0].Secret.SecretName != "metrics-tls" ||
		!slices.Contains(pod.Containers[0].Args, "--metrics-cert-dir="+pod.Containers[0].VolumeMounts[0].MountPath) {
		t.Errorf("the pod has the volumes %v, mounts %v and arguments %v", pod.Volumes, pod.Containers[0].VolumeMounts,
			pod.Containers[0].Args)
	}
	endpoints, _, _ := unstructured.NestedSlice(ofKind(objects, "ServiceMonitor")[0].Object, "spec", "endpoints")
	want := map[string]any{"serverName": "maintenance-metrics.ucorefs.svc",
		"ca": map[string]any{"secret": map[string]any{"name": "metrics-tls", "key": "ca.crt"}}}
	if diff := cmp.Diff(want, endpoints[0].(map[string]any)["tlsConfig"]); diff != "" {
		t.Errorf("tlsConfig (-want +got):\n%s", diff)
	}
}

// The ServiceMonitor finds the Service, and the Service the pods.
func TestPrometheusFindsTheController(t *testing.T) {
	objects := render(t, "ucorefs", "metrics.serviceMonitor.create=true")
	service := ofKind(objects, "Service")[0]
	wanted, _, _ := unstructured.NestedStringMap(ofKind(objects, "ServiceMonitor")[0].Object, "spec", "selector",
		"matchLabels")
	selected, _, _ := unstructured.NestedStringMap(service.Object, "spec", "selector")
	pods := deploymentOf(t, objects).Spec.Template.Labels
	for label, value := range wanted {
		if service.GetLabels()[label] != value {
			t.Errorf("the Service has no label %s=%s", label, value)
		}
	}
	for label, value := range selected {
		if pods[label] != value {
			t.Errorf("the pods have no label %s=%s", label, value)
		}
	}
}
