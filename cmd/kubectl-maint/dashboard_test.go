package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

var printedAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+/\?token=\S+`)

// serveDashboard runs the command until the test ends, and returns the address that it printed.
func (l *lab) serveDashboard(args ...string) (address string, errs *screen) {
	l.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var out screen
	errs = &screen{}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"dashboard", "--no-open", "--kubeconfig", l.kubeconfig}, args...),
			strings.NewReader(""), &out, errs)
	}()
	l.t.Cleanup(func() {
		stop()
		if code := <-done; code != 0 {
			l.t.Errorf("it exits with %d", code)
		}
	})
	clustertest.Eventually(l.t, "the address is printed", func() (bool, string) {
		address = printedAddress.FindString(out.String())
		return address != "", out.String()
	})
	return address, errs
}

func TestTheDashboardActsAsTheUserOfTheKubeconfig(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	address, errs := l.serveDashboard("--namespace", l.namespace)
	token := address[strings.Index(address, "token=")+len("token="):]
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	body, at := fetch(t, browser, http.MethodGet, address)
	for _, part := range []string{"nightly", "an-admin"} {
		if !strings.Contains(body, part) {
			t.Errorf("%q is missing in\n%s", part, body)
		}
	}
	if strings.Contains(at, "token") || strings.Contains(body, token) {
		t.Error("the token is in the page or stays in the address")
	}
	base := address[:strings.Index(address, "/?")]
	fetch(t, browser, http.MethodPost, base+"/namespaces/"+l.namespace+"/schedules/nightly/run")
	l.until("nightly", "a run is asked for", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return strings.HasPrefix(ms.Annotations[v1alpha1.AnnotationRunNow], "run:")
	})
	if log := errs.String(); strings.Contains(log, token) || !strings.Contains(log, "an action was taken") {
		t.Errorf("the log is:\n%s", log)
	}
	if body, _ := fetch(t, http.DefaultClient, http.MethodGet, address); !strings.Contains(body, "works once") {
		t.Errorf("the token works twice:\n%s", body)
	}
}

func fetch(t *testing.T, browser *http.Client, method, address string) (body, at string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), got.Request.URL.String()
}

func TestADashboardThatCannotStartSaysWhatToDo(t *testing.T) {
	l := newLab(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	l.maint("dashboard", "--no-open", "--port", port).want(t, exitOther, "another program uses the port "+port, "--port")

	empty := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(empty, []byte("apiVersion: v1\nkind: Config\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	call(t.Context(), strings.NewReader(""), "dashboard", "--no-open", "--kubeconfig", empty).want(t, exitOther,
		"the kubeconfig names no cluster", "--kubeconfig")
	l.maint("dashboard", "x").want(t, 64)
}
