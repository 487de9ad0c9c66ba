package dashboard

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/controller"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/dashboard/access"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// lab is a namespace of a real API server, and the page before it.
type lab struct {
	*clustertest.Cluster
	t         *testing.T
	namespace string
	log       strings.Builder
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{Cluster: clustertest.Start(t), t: t}
	l.namespace = l.Namespace(t, nil)
	return l
}

// visitor is a user with these rights in the namespace.
func (l *lab) visitor(name string, rules ...rbacv1.PolicyRule) access.Visitor {
	l.t.Helper()
	user := name + "-" + l.namespace
	config, err := clientcmd.BuildConfigFromFlags("", l.Kubeconfig(l.t, user))
	if err != nil {
		l.t.Fatal(err)
	}
	meta := metav1.ObjectMeta{Namespace: l.namespace, Name: name}
	for _, o := range []client.Object{
		&rbacv1.Role{ObjectMeta: meta, Rules: rules},
		&rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
			Subjects: []rbacv1.Subject{{Kind: "User", Name: user, APIGroup: rbacv1.GroupName}}},
	} {
		if err := l.Client.Create(l.t.Context(), o); err != nil {
			l.t.Fatal(err)
		}
	}
	return access.Visitor{Name: name, Config: config, Key: user}
}

func (l *lab) admin() access.Visitor { return visitorOf(l.Admin) }

func visitorOf(config *rest.Config) access.Visitor {
	return access.Visitor{Name: "an-admin", Config: config, Key: "admin"}
}

// view lets somebody see schedules, and nothing else.
var viewRule = rbacv1.PolicyRule{APIGroups: []string{v1alpha1.Group}, Resources: []string{"maintenanceschedules"},
	Verbs: []string{"get", "list", "watch"}}

// page serves the dashboard to one visitor, as the middleware would.
func (l *lab) page(v access.Visitor) *httptest.Server {
	l.t.Helper()
	handler := New(Options{Namespace: l.namespace, Version: "test", Log: slog.New(slog.NewTextHandler(&l.log, nil))})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(access.With(r.Context(), v)))
	}))
	l.t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server
}

// create makes a schedule with that status, as the controller would have written it.
func (l *lab) create(name string, change func(*v1alpha1.MaintenanceSchedule)) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}
	ms.Spec.Task, ms.Spec.Schedule = "verify-references", "0 3 1 1 *"
	if change != nil {
		change(ms)
	}
	status := ms.Status
	if err := l.Client.Create(l.t.Context(), ms); err != nil {
		l.t.Fatal(err)
	}
	ms.Status = status
	ms.Status.ObservedGeneration = ms.Generation
	if ms.Status.LastOrder == nil {
		ms.Status.LastOrder = &v1alpha1.RunOrder{UID: ms.UID}
	}
	if err := l.Client.Status().Update(l.t.Context(), ms); err != nil {
		l.t.Fatal(err)
	}
	return ms
}

func (l *lab) read(name string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{}
	if err := l.Client.Get(l.t.Context(), client.ObjectKey{Namespace: l.namespace, Name: name}, ms); err != nil {
		l.t.Fatal(err)
	}
	return ms
}

func (l *lab) address(name string) string { return place{l.namespace, name}.Address() }

// answer is what the page answered.
type answer struct {
	status int
	body   string
	place  string // where it leads
}

func get(t *testing.T, server *httptest.Server, path string) answer {
	t.Helper()
	return send(t, server, http.MethodGet, path, nil)
}

func post(t *testing.T, server *httptest.Server, path string, form url.Values) answer {
	t.Helper()
	return send(t, server, http.MethodPost, path, form)
}

func send(t *testing.T, server *httptest.Server, method, path string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	stays := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := stays.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answerOf(t, got)
}

func answerOf(t *testing.T, got *http.Response) answer {
	t.Helper()
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, string(body), got.Header.Get("Location")}
}

// want checks the status, and that all parts are in the body.
func (a answer) want(t *testing.T, status int, parts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("the status is %d, want %d; it leads to %q:\n%s", a.status, status, a.place, a.body)
		return
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			t.Errorf("%q is missing in\n%s", part, a.body)
		}
	}
}

// startController lets the real controller work in the namespace; the test itself is the kubelet.
func (l *lab) startController() {
	l.t.Helper()
	l.StartControllers(l.t)
	l.ServiceAccount(l.t, l.namespace, "maintenance-jobs")
	mgr, err := ctrl.NewManager(l.Admin, ctrl.Options{
		Scheme: clustertest.Scheme(), Cache: controller.CacheOptions([]string{l.namespace}),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)}, // each test has one of its own
	})
	if err != nil {
		l.t.Fatal(err)
	}
	figures := controller.NewMetrics(mgr.GetClient(), mgr.Elected())
	reconciler := &controller.Reconciler{Client: mgr.GetClient(), Reader: mgr.GetAPIReader(),
		Events:  mgr.GetEventRecorder(controller.Name),
		Metrics: figures, Now: time.Now, Settings: cronjob.Settings{
			Image: "maint-job:test", PullPolicy: corev1.PullIfNotPresent, ServiceAccount: "maintenance-jobs",
			Database: v1alpha1.DatabaseSpec{SecretName: "ucorefs-mongodb", SecretKey: "uri"}}}
	if err := reconciler.SetupWithManager(mgr); err != nil {
		l.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	l.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			l.t.Errorf("the manager: %v", err)
		}
	})
}

// countRequests is a configuration whose requests are counted. The dashboard asks from several goroutines, but waits
// for all.
func countRequests(config *rest.Config, n *int) *rest.Config {
	counted := rest.CopyConfig(config)
	var mu sync.Mutex
	counted.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			*n++
			mu.Unlock()
			return next.RoundTrip(r)
		})
	})
	return counted
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
