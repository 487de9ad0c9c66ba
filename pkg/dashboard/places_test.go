package dashboard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// everywhere serves the page of all namespaces to one visitor.
func everywhere(t *testing.T, v access.Visitor) *httptest.Server {
	t.Helper()
	handler := New(Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(access.With(r.Context(), v)))
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server
}

// Who may see one namespace only names it, and then sees it as everybody does, live.
func TestAVisitorOfOneNamespaceIsAskedForIt(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	server := everywhere(t, l.visitor("viewer", viewRule))
	get(t, server, "/").want(t, 403, "Choose a namespace", `name="namespace"`, "cannot list resource")
	list := "/?namespace=" + l.namespace
	get(t, server, list).want(t, 200, "nightly")
	tab := listen(t, server, eventsOf(t, server, list))
	tab.hears(t, "found")
	l.create("weekly", nil)
	tab.hears(t, "put", "row/"+l.namespace+"/weekly")
	get(t, server, "/?namespace=kube-system").want(t, 403, "You may not do that", "Ask whoever runs the cluster")
	get(t, everywhere(t, l.admin()), "/?q=nightly").want(t, 200, "nightly", l.namespace)
}

// An API server that has everything but the resource, as before the chart is installed.
func TestAClusterWithoutTheResourceSaysWhatToInstall(t *testing.T) {
	empty := clustertest.Start(t).Replica(t, "--etcd-prefix=/without-the-resource")
	server := everywhere(t, visitorOf(empty.Admin))
	const install = "helm install maintenance charts/maintenance"
	get(t, server, "/").want(t, 404, "This cluster has no MaintenanceSchedules", install)
	get(t, server, "/namespaces/default/schedules/x").want(t, 404, "This cluster has no MaintenanceSchedules", install)
	get(t, server, "/new").want(t, 409, "has not published the schema", "load this page again")
	post(t, server, "/import", url.Values{"config": {goodConfig}, "namespace": {"default"}}).want(t, 422, install)
	listen(t, server, "/events").hears(t, "lost", "This cluster has no MaintenanceSchedules")
}

// What compresses is sent compressed to whoever takes it, and a file that a browser has is not sent again.
func TestPagesAreSmallOnTheWire(t *testing.T) {
	l := newLab(t)
	l.create("nightly", refused)
	server := l.page(l.admin())
	for _, path := range []string{"/", "/assets/page.css", "/assets/page.js"} {
		plain, small := fetchAs(t, server, path, nil),
			fetchAs(t, server, path, http.Header{"Accept-Encoding": {"br, gzip;q=0.8"}})
		if small.encoding != "gzip" || plain.encoding != "" || small.size*2 > plain.size {
			t.Errorf("%s: %d bytes %q, and %d bytes %q for gzip", path, plain.size, plain.encoding, small.size, small.encoding)
		}
		if never := fetchAs(t, server, path, http.Header{"Accept-Encoding": {"gzip;q=0, identity"}}); never.encoding != "" {
			t.Errorf("%s: who refuses gzip gets it", path)
		}
		if path != "/" {
			again := fetchAs(t, server, path, http.Header{"If-None-Match": {plain.tag}, "Accept-Encoding": {"gzip"}})
			if again.status != http.StatusNotModified || again.size > 0 || plain.tag == "" {
				t.Errorf("%s: with the tag %q: %+v", path, plain.tag, again)
			}
		}
	}
	get(t, server, "/assets/").want(t, http.StatusNotFound) // seen to fail: it listed the folder
	events := request(t, server, "/events", http.Header{"Accept-Encoding": {"gzip"}})
	events.Body.Close()
	if events.Header.Get("Content-Encoding") != "" || events.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("the stream has %v", events.Header)
	}
}

type fetched struct {
	status, size  int
	encoding, tag string
}

func fetchAs(t *testing.T, server *httptest.Server, path string, header http.Header) fetched {
	t.Helper()
	got := request(t, server, path, header)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fetched{got.StatusCode, len(body), got.Header.Get("Content-Encoding"), got.Header.Get("ETag")}
}

// request sends a request with exactly these headers.
func request(t *testing.T, server *httptest.Server, path string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, values := range header {
		r.Header[key] = values
	}
	got, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
