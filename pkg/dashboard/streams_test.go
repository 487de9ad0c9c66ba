package dashboard

import (
	"bufio"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// A proxy that ends connections on which nothing comes for a minute leaves a quiet stream alone, that of a log, too.
func TestAQuietStreamIsKeptAlive(t *testing.T) {
	l := newLab(t)
	l.startController()
	l.scheduled("nightly", "verify-references")
	handler := New(Options{Namespace: l.namespace, Log: slog.New(slog.DiscardHandler), heartbeat: 10 * time.Millisecond})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(access.With(r.Context(), l.admin())))
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	post(t, server, l.address("nightly")+"/run", nil)
	run := l.running("nightly")
	pod := l.PodOf(t, l.namespace, run)
	l.bind(pod, l.node(make(chan string))) // it never says anything
	l.RunPod(t, pod, "127.0.0.1")
	for name, path := range map[string]string{"the list": "/events", "a schedule": l.address("nightly") + "/events",
		"a run": l.address("nightly") + "/runs/" + run + "/events", "a log": l.address("nightly") + "/runs/" + run + "/log"} {
		if !hasComments(t, server.URL+path, 3) {
			t.Errorf("%s: the stream ends without them", name)
		}
	}
}

// hasComments waits for so many comments on a stream.
func hasComments(t *testing.T, address string, n int) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	for lines := bufio.NewScanner(got.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), ":") {
			n--
		}
		if n == 0 {
			return true
		}
	}
	return false
}

// The log of a run that has just begun, and has no pod yet, is asked for again; that of one that has ended is not.
func TestALogWithoutAPodIsAskedForAgainWhileTheRunIsUnderWay(t *testing.T) {
	l := newLab(t)
	l.create("nightly", func(ms *v1alpha1.MaintenanceSchedule) {
		refused(ms)
		ms.Status.Active = []v1alpha1.ActiveRun{{Run: "nightly-2"}}
	})
	server := l.page(l.admin())
	runs := l.address("nightly") + "/runs/"
	get(t, server, runs+"nightly-2").want(t, 200, "running", `data-stream=`)
	if a := get(t, server, runs+"nightly-2/log"); a.status != 200 || strings.Contains(a.body, "event: end") {
		t.Errorf("it answers %+v", a)
	}
	get(t, server, runs+"gone-1/log").want(t, 200, "event: end", "has no pod")
	viewer := l.page(l.visitor("viewer", viewRule))
	get(t, viewer, runs+"nightly-2/log").want(t, 200, "event: end", "cannot list resource")
}

// The page of a run says when its schedule goes, and what it means that the schedule does not list the run. Seen to
// fail: nothing was said.
func TestThePageOfARunThatIsNotThereSaysSo(t *testing.T) {
	l := newLab(t)
	ms := l.create("nightly",
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.Active = []v1alpha1.ActiveRun{{Run: "nightly-2"}} })
	server := l.page(l.admin())
	runs := l.address("nightly") + "/runs/"
	get(t, server, runs+"nightly-0").want(t, 200, "The schedule does not list this run")
	tab := listen(t, server, eventsOf(t, server, runs+"nightly-2"))
	tab.hears(t, "found")
	ms.Status.Active = nil
	if err := l.Client.Status().Update(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "put", "progress", "The schedule does not list this run")
	if err := l.Client.Delete(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "deleted", "nightly")
}

// One visitor cannot use up the memory of the dashboard.
func TestAVisitorHasABoundedNumberOfStreams(t *testing.T) {
	count := newStreamCount()
	leave := func() {}
	for range mostStreams {
		var err error
		if leave, err = count.enter("anna"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := count.enter("anna"); err == nil {
		t.Error("a visitor may have one stream more than the limit")
	}
	if _, err := count.enter("berta"); err != nil {
		t.Errorf("the streams of another visitor count: %v", err)
	}
	leave()
	if _, err := count.enter("anna"); err != nil {
		t.Errorf("a stream that has ended still counts: %v", err)
	}
}

func TestAStreamTooManyIsRefused(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	server := l.page(l.admin())
	for range mostStreams {
		stream := request(t, server, "/events", nil)
		defer stream.Body.Close()
	}
	for _, path := range []string{"/events", l.address("nightly") + "/events", l.address("nightly") + "/runs/x/log"} {
		get(t, server, path).want(t, http.StatusTooManyRequests, "close some of them")
	}
	get(t, server, "/").want(t, 200, "nightly")
}
