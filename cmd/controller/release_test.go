package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// release is the chart, rendered and stored in a namespace of a real API server that enforces Pod Security
// "restricted". There is no node for the Deployment: its container is this test binary, with the Deployment's arguments
// and the service account's rights.
type release struct {
	*clustertest.Cluster
	t          *testing.T
	namespace  string
	kubeconfig string
	deployment appsv1.Deployment
	roles      []rbacv1.Role // and ClusterRoles
	without    string        // a right that is taken out of them, as rightsOf says it
	program    string        // the controller as it ships; empty: this test binary is it
}

const releaseName = "maintenance"

func (r *release) account() string {
	return fmt.Sprintf("system:serviceaccount:%s:%s", r.namespace, r.deployment.Spec.Template.Spec.ServiceAccountName)
}

// install renders the chart with these values, each as helm's --set takes it, and stores all of it but the CRD.
func install(t *testing.T, values ...string) *release {
	t.Helper()
	return installWithout(t, "", values...)
}

// installWithout takes a right out of the chart's roles.
func installWithout(t *testing.T, right string, values ...string) *release {
	t.Helper()
	r := &release{t: t, Cluster: clustertest.Start(t), without: right}
	r.StartControllers(t)
	r.namespace = r.Namespace(t, map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
	args := []string{"template", releaseName, filepath.Join(tooltest.Root(), "charts", "maintenance"), "--namespace",
		r.namespace, "--skip-tests", "--set", "crds.enabled=false",
		"--set", "images.registry=registry.example.com/ucorefs"}
	for _, value := range values {
		args = append(args, "--set", value)
	}
	out, err := exec.Command(tooltest.Path(t, "helm"), args...).Output()
	if err != nil {
		t.Fatalf("helm template: %v", err)
	}
	for _, document := range strings.Split(string(out), "\n---\n") {
		r.store(document)
	}
	r.kubeconfig = r.Kubeconfig(t, r.account(), "system:serviceaccounts", "system:serviceaccounts:"+r.namespace)
	return r
}

func (r *release) store(document string) {
	r.t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
		r.t.Fatalf("%v:\n%s", err, document)
	}
	if len(object.Object) == 0 {
		return
	}
	var err error
	switch object.GetKind() {
	case "Deployment":
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &r.deployment)
	case "Role", "ClusterRole":
		var role rbacv1.Role
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &role)
		role.Rules = withoutRight(role.Rules, r.without)
		r.roles = append(r.roles, role)
		object.Object, _ = runtime.DefaultUnstructuredConverter.ToUnstructured(&role)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.Client.Create(r.t.Context(), object); err != nil {
		r.t.Fatalf("store the %s %s: %v", object.GetKind(), object.GetName(), err)
	}
}

// process is one replica of the Deployment.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	log     *bytes.Buffer
	metrics string
	probes  string
	stopped bool
}

// startReplica runs the Deployment's container, on ports of its own.
func (r *release) startReplica() *process {
	r.t.Helper()
	p := r.launch()
	r.t.Cleanup(func() { p.stop() })
	clustertest.Eventually(r.t, "the controller is ready",
		func() (bool, string) { return p.get(p.probes, "/readyz") == "ok", "" })
	return p
}

// launch does not wait for it, and leaves it to the caller to end it.
func (r *release) launch(environment ...string) *process {
	r.t.Helper()
	p := &process{t: r.t, log: &bytes.Buffer{}, metrics: freeAddress(r.t), probes: freeAddress(r.t)}
	args := append(r.deployment.Spec.Template.Spec.Containers[0].Args, "--metrics-bind-address="+p.metrics,
		"--health-probe-bind-address="+p.probes)
	program := r.program
	if program == "" {
		program = os.Args[0]
	}
	p.cmd = exec.Command(program, args...)
	memory := r.deployment.Spec.Template.Spec.Containers[0].Resources.Limits.Memory().Value() // as in its container
	p.cmd.Env = append(append(os.Environ(), asController+"=1", "KUBECONFIG="+r.kubeconfig, fmt.Sprintf("GOMEMLIMIT=%d",
		memory/10*memoryTenths)), environment...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		r.t.Fatalf("start the controller: %v", err)
	}
	return p
}

// stop ends the replica as a kubelet does, and checks that it ends well.
func (p *process) stop() {
	p.t.Helper()
	if p.stopped {
		return
	}
	p.stopped = true
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the controller ended: %v", err)
	}
	if p.t.Failed() {
		p.t.Logf("the controller's log:\n%s", p.log)
	}
}

// get is the body of an answer of 200; empty otherwise.
func (p *process) get(address, path string) string {
	response, err := http.Get("http://" + address + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
