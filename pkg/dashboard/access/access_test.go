package access

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// reader is a page as small as can be: it says who the visitor is, and what comes of reading schedules and Secrets as
// the visitor.
func reader(namespace string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := From(r.Context())
		if !ok {
			http.Error(w, "no visitor", http.StatusInternalServerError)
			return
		}
		c, err := client.New(v.Config, client.Options{Scheme: clustertest.Scheme()})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		schedules := c.List(r.Context(), &v1alpha1.MaintenanceScheduleList{}, client.InNamespace(namespace))
		secrets := c.List(r.Context(), &corev1.SecretList{}, client.InNamespace(namespace))
		io.WriteString(w, v.Name+" schedules:"+outcome(schedules)+" secrets:"+outcome(secrets))
	})
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "yes"
	case apierrors.IsForbidden(err):
		return "no"
	}
	return err.Error()
}

// page is a page without an API server.
var page = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	v, ok := From(r.Context())
	if !ok {
		http.Error(w, "no visitor", http.StatusInternalServerError)
		return
	}
	io.WriteString(w, "the page of "+v.Name)
})

// answer is what a handler answers.
func answer(handler http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// request is one from a browser on the same page, with the cookies.
func request(method, path, form string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	r.Header.Set("Accept", "text/html")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// account is a service account that may read the schedules of its namespace, and nothing else.
func account(t *testing.T, cluster *clustertest.Cluster, namespace, name string) {
	t.Helper()
	cluster.ServiceAccount(t, namespace, name)
	allow(t, cluster, namespace, rbacv1.Subject{Kind: "ServiceAccount", Name: name, Namespace: namespace})
}

// allow lets somebody read the schedules of a namespace.
func allow(t *testing.T, cluster *clustertest.Cluster, namespace string, who rbacv1.Subject) {
	t.Helper()
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "read-" + strings.ToLower(who.Name)}
	rules := []rbacv1.PolicyRule{{APIGroups: []string{v1alpha1.GroupVersion.Group},
		Resources: []string{"maintenanceschedules"}, Verbs: []string{"get", "list", "watch"}}}
	err := errors.Join(
		cluster.Client.Create(t.Context(), &rbacv1.Role{ObjectMeta: meta, Rules: rules}),
		cluster.Client.Create(t.Context(), &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: []rbacv1.Subject{who},
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name}}))
	if err != nil {
		t.Fatal(err)
	}
}

// tokenOf is a token of the service account, for an audience; none: the API server.
func tokenOf(t *testing.T, cluster *clustertest.Cluster, namespace, name string, audiences ...string) string {
	t.Helper()
	of := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	asked := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences}}
	if err := cluster.Client.SubResource("token").Create(t.Context(), of, asked); err != nil {
		t.Fatalf("ask for a token: %v", err)
	}
	return asked.Status.Token
}

// nowhere is an API server that does not answer.
var nowhere = &rest.Config{Host: "https://127.0.0.1:1"}

func newTokens(t *testing.T, cluster *rest.Config, log io.Writer, key string) *Tokens {
	t.Helper()
	tokens, err := NewTokens(TokenOptions{Cluster: cluster, SessionKey: []byte(key), Clock: time.Now,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func newProxy(t *testing.T, cluster *rest.Config, log io.Writer, groups ...string) *Proxy {
	t.Helper()
	proxy, err := NewProxy(ProxyOptions{Cluster: cluster, From: []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24")},
		UserHeader: "X-Forwarded-User", GroupsHeader: "X-Forwarded-Groups", Groups: groups,
		Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return proxy
}

// ways are all ways in, each with a visitor who is let in and one who is not.
func ways(t *testing.T) map[string]struct {
	handler   http.Handler
	in, stays func() *http.Request
} {
	t.Helper()
	var log bytes.Buffer
	loopback := NewLoopback("anna", nowhere)
	tokens := newTokens(t, nowhere, &log, "")
	s := newSession("a-token", time.Now())
	tokens.reviews.remember(s, Visitor{Name: "anna", Config: nowhere, Key: s.id})
	at := func(host, remote string, r *http.Request) *http.Request {
		r.Host, r.RemoteAddr = host, remote
		return r
	}
	return map[string]struct {
		handler   http.Handler
		in, stays func() *http.Request
	}{
		"loopback": {loopback.Protect(page),
			func() *http.Request {
				return at("127.0.0.1:8000", "127.0.0.1:9", request("GET", "/", "", &http.Cookie{Name: loopback.cookie,
					Value: loopback.session}))
			},
			func() *http.Request { return at("127.0.0.1:8000", "127.0.0.1:9", request("GET", "/", "")) }},
		"tokens": {tokens.Protect(page),
			func() *http.Request {
				return request("GET", "/", "", &http.Cookie{Name: cookieName + "0", Value: tokens.sealer.seal(s)})
			},
			func() *http.Request { return request("GET", "/", "") }},
		"proxy": {newProxy(t, nowhere, &log).Protect(page),
			func() *http.Request {
				r := at("example.com", "10.1.2.3:9", request("GET", "/", ""))
				r.Header.Set("X-Forwarded-User", "anna")
				return r
			},
			func() *http.Request { return at("example.com", "10.1.2.3:9", request("GET", "/", "")) }},
	}
}
