package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// limited is the page as the middleware serves it: with a limit for what is sent.
func (l *lab) limited(v access.Visitor) *httptest.Server {
	l.t.Helper()
	handler := http.MaxBytesHandler(New(Options{Namespace: l.namespace}), access.MaxBody)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(access.With(r.Context(), v)))
	}))
	l.t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server
}

// An action without its values is another action: a suspension would lose its reason. Seen to fail with handlers that
// read the values that they could get.
func TestAFormThatCannotBeReadDoesNothing(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	server := l.limited(l.admin())
	const urlencoded = "application/x-www-form-urlencoded"
	large := "reason=" + strings.Repeat("a", access.MaxBody)
	for name, sent := range map[string]struct {
		kind, body string
		status     int
	}{
		"larger than the limit":      {urlencoded, large, http.StatusRequestEntityTooLarge},
		"with a wrong escape":        {urlencoded, "reason=%zz", http.StatusBadRequest},
		"of a type that no form has": {"text/plain", "reason=because", http.StatusBadRequest},
		"of no type":                 {"", "reason=because", http.StatusBadRequest},
		"in parts that are cut off": {"multipart/form-data; boundary=x",
			"--x\r\nContent-Disposition: form-data; name=\"reason\"\r\n\r\nbec", http.StatusBadRequest},
		"in parts without a separator": {"multipart/form-data", "reason=because", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			got := postAs(t, server, l.address("nightly")+"/suspend", sent.kind, sent.body)
			got.want(t, sent.status, "Nothing was changed")
			if l.read("nightly").Spec.Suspend {
				t.Error("the schedule was suspended")
			}
		})
	}
	postAs(t, server, "/import", urlencoded, "config="+url.QueryEscape(large)).want(t, http.StatusRequestEntityTooLarge,
		"1024 KiB at most")
}

func postAs(t *testing.T, server *httptest.Server, path, kind, body string) answer {
	t.Helper()
	got, err := http.Post(server.URL+path, kind, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return answerOf(t, got)
}
