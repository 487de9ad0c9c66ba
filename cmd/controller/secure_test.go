package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// Secure metrics are for whom the API server knows and lets read them. Seen to fail when the metrics were served
// without the filter, and with a rule or a verb taken out of templates/metrics-rbac.yaml.
func TestSecureMetricsAreForWhoMayReadThem(t *testing.T) {
	const readers = "default"
	r := install(t, "database.secretName=ucorefs-mongodb", "metrics.secure=true", "metrics.readers[0].name=prometheus",
		"metrics.readers[0].namespace="+readers)
	replica := r.startReplica()
	clustertest.Eventually(t, "the reader is let in", func() (bool, string) { // the API server hears of its new binding
		status, body := replica.secure(r.token(readers, "prometheus"))
		return status == http.StatusOK && strings.Contains(body, "maintenance_build_info"), body
	})
	for who, c := range map[string]struct {
		token  string
		status int
	}{
		"nobody":                     {"", http.StatusUnauthorized},
		"one with a made-up token":   {"eyJhbGciOiJub25lIn0.e30.", http.StatusInternalServerError}, // as controller-runtime answers it
		"one without the right":      {r.token(readers, "stranger"), http.StatusForbidden},
		"the account of the release": {r.token(r.namespace, "maintenance-controller"), http.StatusForbidden},
	} {
		if status, body := replica.secure(c.token); status != c.status || strings.Contains(body, "maintenance_") {
			t.Errorf("%s gets %d, want %d: %s", who, status, c.status, body)
		}
	}
	if body := replica.get(replica.metrics, "/metrics"); body != "" {
		t.Errorf("without TLS anybody gets %s", body)
	}
}

// token is one of a service account, which is made where it is not there.
func (r *release) token(namespace, name string) string {
	r.t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	_ = r.Client.Create(r.t.Context(), account) // it may be there; then the next step tells
	request := &authenticationv1.TokenRequest{}
	if err := r.Client.SubResource("token").Create(r.t.Context(), account, request); err != nil {
		r.t.Fatalf("ask for a token of %s: %v", name, err)
	}
	return request.Status.Token
}

// secure is what somebody with a token gets, who does not verify the certificate that the controller made for itself.
func (p *process) secure(token string) (status int, body string) {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, "https://"+p.metrics+"/metrics", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	if response.ProtoMajor != 1 {
		p.t.Errorf("HTTP/%d is spoken", response.ProtoMajor)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
