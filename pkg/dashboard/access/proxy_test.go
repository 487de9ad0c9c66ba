package access

import (
	"bytes"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// Seen to fail where the address is not looked at, or taken from X-Forwarded-For, and without the checks of double
// headers and of system: names.
func TestHeadersAreBelievedOnlyFromTheProxy(t *testing.T) {
	tests := map[string]struct {
		remote  string
		headers http.Header
		says    string // empty: let in
	}{
		"the proxy":          {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {"anna"}}, ""},
		"the proxy, by IPv6": {"[::ffff:10.1.2.3]:5000", http.Header{"X-Forwarded-User": {"anna"}}, ""},
		"another address": {"10.1.3.3:5000", http.Header{"X-Forwarded-User": {"anna"}},
			"only through its authenticating proxy"},
		"another that claims to be it": {"10.1.3.3:5000", http.Header{"X-Forwarded-User": {"anna"},
			"X-Forwarded-For": {"10.1.2.3"}, "X-Real-Ip": {"10.1.2.3"}, "Forwarded": {"for=10.1.2.3"}},
			"only through its authenticating proxy"},
		"no address": {"@", http.Header{"X-Forwarded-User": {"anna"}},
			"only through its authenticating proxy"},
		"no user":       {"10.1.2.3:5000", http.Header{}, "names no user in X-Forwarded-User"},
		"an empty user": {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {" "}}, "names no user"},
		"the visitor's own header beside": {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {"root", "anna"}},
			"is there 2 times"},
		"the visitor's own groups beside": {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {"anna"},
			"X-Forwarded-Groups": {"media", "operators"}}, "is there 2 times"},
		"the administrators of Kubernetes": {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {"anna"},
			"X-Forwarded-Groups": {"media, system:masters"}}, "never impersonated"},
		"a user of Kubernetes": {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {"system:kube-controller-manager"}},
			"never impersonated"},
		"a service account": {"10.1.2.3:5000", http.Header{"X-Forwarded-User": {"system:serviceaccount:kube-system:default"}},
			"never impersonated"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			r := request("GET", "/", "")
			r.RemoteAddr = test.remote
			for header, values := range test.headers {
				r.Header[header] = values
			}
			got := answer(newProxy(t, nowhere, &log, "media").Protect(page), r)
			switch text := body(t, got); {
			case test.says == "" && (got.StatusCode != http.StatusOK || text != "the page of anna"):
				t.Errorf("%s: %s", got.Status, text)
			case test.says != "" && (got.StatusCode != http.StatusUnauthorized || !strings.Contains(text, test.says) ||
				!strings.Contains(log.String(), test.says)):
				t.Errorf("%s: %s, and in the log: %s", got.Status, text, &log)
			}
		})
	}
}

func TestAProxyThatIsEverybodyIsRefused(t *testing.T) {
	good := ProxyOptions{From: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32")}, UserHeader: "X-Forwarded-User",
		GroupsHeader: "X-Forwarded-Groups"}
	tests := map[string]struct {
		change func(*ProxyOptions)
		says   string
	}{
		"as it should be": {func(*ProxyOptions) {}, ""},
		"no address":      {func(o *ProxyOptions) { o.From = nil }, "anybody could claim"},
		"every address": {func(o *ProxyOptions) { o.From = append(o.From, netip.MustParsePrefix("0.0.0.0/0")) },
			"every address"},
		"every newer address": {func(o *ProxyOptions) { o.From = append(o.From, netip.MustParsePrefix("::/0")) },
			"every address"},
		"system:masters": {func(o *ProxyOptions) { o.Groups = []string{"media", "system:masters"} }, "never impersonated"},
		"no header":      {func(o *ProxyOptions) { o.UserHeader = "" }, "names of headers"},
	}
	for name, test := range tests {
		o := good
		test.change(&o)
		if _, err := NewProxy(o); (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(),
			test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With a right to impersonate one group, and users, the pod has the visitor's rights and none of its own. The API
// server itself refuses what the right does not name.
func TestTheProxysVisitorActsWithTheirOwnRights(t *testing.T) {
	cluster := clustertest.Start(t)
	namespace := cluster.Namespace(t, nil)
	allow(t, cluster, namespace, rbacv1.Subject{Kind: "Group", Name: "media", APIGroup: rbacv1.GroupName})
	pod := impersonator(t, cluster, namespace, "media")
	for name, test := range map[string]struct{ groups, passedOn, want string }{
		"a group with the right":             {"media,other", "media", "anna schedules:yes secrets:no"},
		"no group":                           {"", "media", "anna schedules:no secrets:no"},
		"a group that is not passed on":      {"media", "other", "anna schedules:no secrets:no"},
		"a group beyond the pod's own right": {"other", "other", "anna schedules:no secrets:no"},
	} {
		r := request("GET", "/", "")
		r.RemoteAddr = "10.1.2.3:5000"
		r.Header.Set("X-Forwarded-User", "anna")
		r.Header.Set("X-Forwarded-Groups", test.groups)
		handler := newProxy(t, pod, &bytes.Buffer{}, test.passedOn).Protect(reader(namespace))
		if got := body(t, answer(handler, r)); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// impersonator is the pod's configuration: it may impersonate every user and one group.
func impersonator(t *testing.T, cluster *clustertest.Cluster, namespace, group string) *rest.Config {
	t.Helper()
	cluster.ServiceAccount(t, namespace, "dashboard")
	meta := metav1.ObjectMeta{Name: namespace + "-impersonate"}
	role := &rbacv1.ClusterRole{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"users"}, Verbs: []string{"impersonate"}},
		{APIGroups: []string{""}, Resources: []string{"groups"}, ResourceNames: []string{group},
			Verbs: []string{"impersonate"}},
	}}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName,
		Kind: "ClusterRole", Name: meta.Name},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "dashboard", Namespace: namespace}}}
	if err := cluster.Client.Create(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Client.Create(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(cluster.Admin)
	config.BearerToken = tokenOf(t, cluster, namespace, "dashboard")
	return config
}
