package dashboard

import (
	"fmt"
	"net/http"
	"regexp"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/pkg/dashboard/access"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// handler serves one request of a visitor. The error becomes a page.
type handler func(*visit, http.ResponseWriter, *http.Request) error

// visit is one request: who makes it, and clients that act as that visitor.
type visit struct {
	access.Visitor
	config *rest.Config
	kube   kubernetes.Interface
}

// as serves a request as the visitor whom the middleware has seen.
func (d *dashboard) as(serve handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor, ok := access.From(r.Context())
		if !ok {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		v, err := newVisit(visitor)
		if err == nil {
			err = d.checkPlace(r)
		}
		if err == nil {
			err = readForm(r)
		}
		if err == nil {
			err = serve(v, w, r)
		}
		if err != nil {
			d.showProblem(v, w, r, err)
		}
	})
}

// Requests of one page load are few, but come at once.
const (
	clientQPS   = 50
	clientBurst = 100
)

func newVisit(visitor access.Visitor) (*visit, error) {
	config := rest.CopyConfig(visitor.Config)
	config.QPS, config.Burst = clientQPS, clientBurst
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return &visit{Visitor: visitor}, fmt.Errorf("connect to the API server: %w", err)
	}
	return &visit{Visitor: visitor, config: config, kube: kube}, nil
}

// cluster is the API server as kubectlmaint uses it.
func (v *visit) cluster(namespace string) (*kubectlmaint.Cluster, error) {
	return kubectlmaint.Connect(v.config, namespace)
}

// names are those that Kubernetes gives to namespaces, schedules and Jobs.
var names = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)

// checkPlace refuses an address that names nothing that Kubernetes could have, or a namespace that is not shown here.
func (d *dashboard) checkPlace(r *http.Request) error {
	for _, part := range []string{"namespace", "name", "run"} {
		if value := r.PathValue(part); value != "" && !names.MatchString(value) {
			return errNoPage
		}
	}
	for _, namespace := range []string{r.PathValue("namespace"), r.URL.Query().Get("namespace"),
		r.URL.Query().Get("scope")} {
		if namespace != "" && !d.shows(namespace) {
			return errNoPage
		}
	}
	return nil
}

// shows tells whether the page is about a namespace.
func (d *dashboard) shows(namespace string) bool {
	return names.MatchString(namespace) && (d.Namespace == "" || d.Namespace == namespace)
}

// place is the schedule that an address names.
type place struct{ Namespace, Name string }

func placeOf(r *http.Request) place { return place{r.PathValue("namespace"), r.PathValue("name")} }

// Address is that of the schedule's page.
func (p place) Address() string { return "/namespaces/" + p.Namespace + "/schedules/" + p.Name }
