package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// asDashboard makes this test binary be the dashboard: a real process, with signals and ports.
const asDashboard = "RUN_AS_DASHBOARD"

func TestMain(m *testing.M) {
	if os.Getenv(asDashboard) != "" {
		main()
	}
	os.Exit(clustertest.Main(m))
}

// No combination of flags serves the page without authentication, or a token over plain HTTP that nobody asked for.
func TestWrongFlagsAreRefusedWithAHint(t *testing.T) {
	short := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(short, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"a port in use": {[]string{"--auth=token", "--plain-http", "--api-server=https://x",
			"--listen=" + taken.Addr().String()}, exitInternal, "write another port"},
		"a port for health in use": {[]string{"--auth=token", "--plain-http", "--api-server=https://x",
			"--health-listen=" + taken.Addr().String()}, exitInternal, "--health-listen: another program uses"},
		"no way to know visitors": {[]string{"--plain-http"}, exitUsage, "there is no way in without authentication"},
		"none at all": {[]string{"--plain-http", "--auth=none"}, exitUsage,
			"there is no way in without authentication"},
		"neither TLS nor plain HTTP": {[]string{"--auth=token"}, exitUsage, "--tls-cert-dir"},
		"both": {[]string{"--auth=token", "--plain-http", "--tls-cert-dir=/x"}, exitUsage,
			"--tls-cert-dir"},
		"a proxy anywhere": {[]string{"--auth=proxy", "--plain-http"}, exitUsage, "--proxy-cidr is not set"},
		"a proxy that is a name": {[]string{"--auth=proxy", "--plain-http", "--proxy-cidr=ingress"}, exitUsage,
			"10.1.2.3/32"},
		"a proxy beside tokens": {[]string{"--auth=token", "--plain-http", "--proxy-cidr=10.0.0.1/32"}, exitUsage,
			"need --auth=proxy"},
		"a key beside a proxy": {[]string{"--auth=proxy", "--plain-http", "--proxy-cidr=10.0.0.1/32",
			"--session-key-file=x"}, exitUsage, "need --auth=token"},
		"an argument": {[]string{"start"}, exitUsage, "takes flags only"},
		"an unknown log level": {[]string{"--auth=token", "--plain-http", "--log-level=loud"}, exitUsage,
			"write debug, info, warn or error"},
		"a proxy that is everybody": {[]string{"--auth=proxy", "--plain-http", "--proxy-cidr=0.0.0.0/0"}, exitInternal,
			"every address"},
		"system:masters": {[]string{"--auth=proxy", "--plain-http", "--proxy-cidr=10.0.0.1/32",
			"--proxy-group=system:masters"}, exitInternal, "never impersonated"},
		"a short key": {[]string{"--auth=token", "--plain-http", "--api-server=https://x",
			"--session-key-file=" + short}, exitInternal, "5 bytes"},
		"no cluster": {[]string{"--auth=token", "--plain-http"}, exitInternal, "set --api-server"},
		"a folder without certificate": {[]string{"--auth=token", "--tls-cert-dir=" + t.TempDir(), "--api-server=https://x"},
			exitInternal, "tls.crt"},
		"a CA that is none": {[]string{"--auth=token", "--plain-http", "--api-server=https://x", "--api-server-ca-file=" +
			short}, exitInternal, "--api-server-ca-file"},
	}
	config := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(config, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", config)
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if code := run(context.Background(), append([]string{"--listen=127.0.0.1:0", "--health-listen=0"}, test.args...),
				&out, &errOut); code != test.code {
				t.Errorf("it exited with %d", code)
			}
			if !strings.Contains(errOut.String(), test.says) {
				t.Errorf("it says %q, without %q", errOut.String(), test.says)
			}
		})
	}
}

const kubeconfig = `{apiVersion: v1, kind: Config, current-context: x, clusters: [{name: x, cluster: {server: "https://127.0.0.1:1"}}],
contexts: [{name: x, context: {cluster: x, user: x}}], users: [{name: x, user: {token: x}}]}`

func TestVersionIsPrintedAlone(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := run(context.Background(), []string{"--version"}, &out, &errOut); code != exitOK || out.String() != version+
		"\n" || errOut.Len() > 0 {
		t.Errorf("exit %d, out %q, err %q", code, out.String(), errOut.String())
	}
}

// A process without any credential: who has a token sees what the token may see and changes nothing else, who has none
// sees nothing, and a signal ends it.
func TestTheProcessActsAsWhoeverSignsIn(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	token := viewer(t, cluster, namespace)
	schedule := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "verify-nightly"},
		Spec: v1alpha1.MaintenanceScheduleSpec{Task: "verify-references", Schedule: "0 3 * * *"}}
	if err := cluster.Client.Create(t.Context(), schedule); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(t.TempDir(), "ca.crt")
	if block, _ := pem.Decode(cluster.Admin.CAData); block == nil {
		t.Fatal("the API server has no CA")
	} else if err := os.WriteFile(ca, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	page, health := free(t), free(t)
	var log bytes.Buffer
	cmd := exec.Command(os.Args[0], "--auth=token", "--plain-http", "--listen="+page, "--health-listen="+health,
		"--namespace="+namespace,
		"--api-server="+cluster.Admin.Host, "--api-server-ca-file="+ca)
	cmd.Env, cmd.Stderr = []string{asDashboard + "=1"}, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	clustertest.Eventually(t, "it is healthy", func() (bool, string) {
		answer, err := http.Get("http://" + health + "/healthz")
		if err != nil {
			return false, err.Error()
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK, answer.Status
	})
	if status, text := ask(t, "GET", "http://"+page+"/"); status != http.StatusUnauthorized ||
		strings.Contains(text, "verify-nightly") {
		t.Errorf("without a token: %d", status)
	}
	cookies := signIn(t, "http://"+page, token)
	if status, text := ask(t, "GET", "http://"+page+"/", cookies...); status != http.StatusOK ||
		!strings.Contains(text, "verify-nightly") {
		t.Errorf("signed in: %d %s", status, text)
	}
	suspend := "http://" + page + "/namespaces/" + namespace + "/schedules/verify-nightly/suspend"
	if status, _ := ask(t, "POST", suspend, cookies...); status != http.StatusForbidden {
		t.Errorf("a viewer suspends it: %d", status)
	}
	if status, _ := ask(t, "POST", suspend); status != http.StatusUnauthorized {
		t.Errorf("somebody unknown suspends it: %d", status)
	}
	if err := cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(schedule), schedule); err != nil ||
		len(schedule.Annotations) > 0 {
		t.Errorf("the schedule has the annotations %v: %v", schedule.Annotations, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if text := log.String(); strings.Contains(text, token) || !strings.Contains(text, "system:serviceaccount:"+namespace+
		":viewer") {
		t.Errorf("the log is\n%s", text)
	}
}

// viewer makes an account that may read schedules, and gives its token.
func viewer(t *testing.T, cluster *clustertest.Cluster, namespace string) string {
	t.Helper()
	cluster.ServiceAccount(t, namespace, "viewer")
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "viewer"}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{v1alpha1.Group}, Resources: []string{"maintenanceschedules"}, Verbs: []string{"get", "list",
			"watch"}}}}
	binding := &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role",
		Name: "viewer"},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "viewer", Namespace: namespace}}}
	asked := &authenticationv1.TokenRequest{}
	account := &corev1.ServiceAccount{ObjectMeta: meta}
	err := errors.Join(cluster.Client.Create(t.Context(), role), cluster.Client.Create(t.Context(), binding),
		cluster.Client.SubResource("token").Create(t.Context(), account, asked))
	if err != nil {
		t.Fatal(err)
	}
	return asked.Status.Token
}

func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func ask(t *testing.T, method, address string, cookies ...*http.Cookie) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("reason=disk"))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// signIn gives the cookies for a token.
func signIn(t *testing.T, address, token string) (cookies []*http.Cookie) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(address+"/login", url.Values{"token": {token}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", answer.Status)
	}
	for _, c := range answer.Cookies() {
		if c.MaxAge >= 0 {
			cookies = append(cookies, c)
		}
	}
	return cookies
}
