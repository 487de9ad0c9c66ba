package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// viewer may read schedules, and nothing else.
const viewer = `apiVersion: v1
kind: ServiceAccount
metadata: {name: page-viewer}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: page-viewer}
rules:
  - {apiGroups: [maintenance.ucorefs.io], resources: [maintenanceschedules], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: page-viewer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: page-viewer}
subjects: [{kind: ServiceAccount, name: page-viewer}]
`

// operator may do all that the dashboard can do.
const operator = `apiVersion: v1
kind: ServiceAccount
metadata: {name: page-operator}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: page-operator}
rules:
  - {apiGroups: [maintenance.ucorefs.io], resources: [maintenanceschedules], verbs: [get, list, watch, patch, create]}
  - {apiGroups: [batch], resources: [cronjobs], verbs: [get]}
  - {apiGroups: [batch], resources: [jobs], verbs: [get, create, delete]}
  - {apiGroups: [""], resources: [pods, events], verbs: [get, list, watch]}
  - {apiGroups: [""], resources: [pods/log], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: page-operator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: page-operator}
subjects: [{kind: ServiceAccount, name: page-operator}]
`

// installDashboard installs the dashboard until the test ends, and returns its address on this machine.
func installDashboard(t *testing.T) (address string) {
	t.Helper()
	upgrade := func(enabled bool) {
		args := []string{"upgrade", "maintenance", filepath.Join(root, "charts/maintenance"), "--namespace", namespace,
			"--reuse-values", "--wait", "--timeout", "5m"}
		if out, err := run("helm", "", append(args, "--set", fmt.Sprintf("dashboard.enabled=%t", enabled), "--set",
			"images.dashboard.repository=ucorefs/maint-dashboard")...); err != nil {
			t.Fatalf("helm upgrade: %v\n%s", err, out)
		}
	}
	upgrade(true)
	t.Cleanup(func() { upgrade(false) })
	return forward(t, "service/maintenance-dashboard")
}

// Chromium sees real runs: a row changes, a log arrives from the kubelet, a run ends, and a restore shows what its Job
// says. The visit itself is a test of hack/browser: what drives a browser is no dependency of the product.
func TestABrowserFollowsRealRuns(t *testing.T) {
	needCluster(t)
	apply(t, operator)
	apply(t, gated)
	address := installDashboard(t)
	kubectl(t, "wait", "msched", "gated", "--for=jsonpath={.status.lastOrder.uid}", "--timeout=2m")
	counted := load(t, "counts-nightly").Status.LastRun.Run
	cmd := exec.CommandContext(t.Context(), "go", "test", "-tags", "realcluster", "-count=1", "-vet=off", "-ldflags=-s -w",
		"-v",
		"-run", "TestOnARealCluster", ".")
	cmd.Dir = filepath.Join(root, "hack", "browser")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "DASHBOARD="+address, "NAMESPACE="+namespace,
		"COUNTED="+counted,
		"TOKEN="+strings.TrimSpace(kubectl(t, "create", "token", "page-operator")))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// The dashboard of the chart shows a schedule to whoever may read it, lets nobody else in, and changes nothing for a
// visitor who may not.
func TestTheDashboardActsWithItsVisitorsRights(t *testing.T) {
	needCluster(t)
	apply(t, viewer)
	page := browser{t: t, address: installDashboard(t)}
	if status, text := page.get("/"); status != http.StatusUnauthorized || strings.Contains(text, "counts-nightly") {
		t.Errorf("without a token: %d", status)
	}
	token := strings.TrimSpace(kubectl(t, "create", "token", "page-viewer"))
	page.post("/login", url.Values{"token": {token}}, http.StatusSeeOther)
	if status, text := page.get("/"); status != http.StatusOK || !strings.Contains(text, "counts-nightly") {
		t.Errorf("signed in: %d\n%s", status, text)
	}
	before := load(t, "counts-nightly").Status.RunNow
	page.post("/namespaces/"+namespace+"/schedules/counts-nightly/run", nil, http.StatusForbidden)
	if after := load(t, "counts-nightly").Status.RunNow; after != before {
		t.Errorf("a viewer ran it: %s", after)
	}
	if out := kubectl(t, "logs", "deployment/maintenance-dashboard"); strings.Contains(out, token) ||
		!strings.Contains(out, "page-viewer") {
		t.Errorf("the log is\n%s", out)
	}
	account := "--as=system:serviceaccount:" + namespace + ":maintenance-dashboard"
	if out, _ := run("kubectl", "", "--namespace", namespace, "auth", "can-i", "list", "maintenanceschedules",
		account); strings.TrimSpace(out) != "no" {
		t.Errorf("the pod's own account may read schedules: %s", out)
	}
}

// forward leads to a service from this machine, until the test ends.
func forward(t *testing.T, to string) (address string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(toolsBin, "kubectl"), "--namespace", namespace, "port-forward",
		to, ":80")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the end of the test's context ends it
	line, err := bufio.NewReader(out).ReadString('\n')
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line)
	if err != nil || port == "" {
		t.Fatalf("forward a port to %s: %q, %v", to, line, err)
	}
	return "http://" + strings.Replace(port, "127.0.0.1", "localhost", 1)
}

// browser keeps cookies, and follows no redirect.
type browser struct {
	t       *testing.T
	address string
	cookies []*http.Cookie
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	return b.do(http.MethodGet, path, "")
}

func (b *browser) post(path string, form url.Values, want int) {
	b.t.Helper()
	if status, text := b.do(http.MethodPost, path, form.Encode()); status != want {
		b.t.Errorf("POST %s: %d, not %d\n%s", path, status, want, text)
	}
}

func (b *browser) do(method, path, form string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.address+path, strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if c.MaxAge >= 0 {
			b.cookies = append(b.cookies, c)
		}
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
