package dashboard

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// heard is what a tab was told so far.
type heard struct {
	mu     sync.Mutex
	events []string // name and data
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.events...)
}

// hears waits for an event that holds all parts.
func (h *heard) hears(t *testing.T, name string, parts ...string) {
	t.Helper()
	clustertest.Eventually(t, "the event "+name+" "+strings.Join(parts, " "), func() (bool, string) {
		for _, e := range h.all() {
			if strings.HasPrefix(e, name+" ") && holdsAll(e, parts) {
				return true, ""
			}
		}
		return false, strings.Join(h.all(), "\n")
	})
}

func holdsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// listen opens the events of a page, as a tab does.
func listen(t *testing.T, server *httptest.Server, path string) *heard {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("it answers %s, %s", got.Status, got.Header.Get("Content-Type"))
	}
	h := &heard{}
	go func() {
		defer got.Body.Close()
		name, lines := "", bufio.NewScanner(got.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = n
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				h.mu.Lock()
				h.events = append(h.events, name+" "+plainData(data))
				h.mu.Unlock()
			}
		}
	}()
	return h
}

// plainData is the data without the escapes of JSON.
func plainData(data string) string {
	var p put
	if json.Unmarshal([]byte(data), &p) == nil && p.HTML != "" {
		return p.ID + " " + p.HTML
	}
	return data
}

// eventsOf is the address of a page's events, from the page itself.
func eventsOf(t *testing.T, server *httptest.Server, path string) string {
	t.Helper()
	_, rest, ok := strings.Cut(get(t, server, path).body, `data-events="`)
	address, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("%s has no events", path)
	}
	return strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(address)
}

func TestAChangedRowIsPushedAlone(t *testing.T) {
	l := newLab(t)
	l.create("one", nil)
	l.create("two", nil)
	server := l.page(l.admin())
	tab := listen(t, server, eventsOf(t, server, "/"))
	tab.hears(t, "present", "row/"+l.namespace+"/one")

	ms := l.read("two")
	ms.Status.Active = []v1alpha1.ActiveRun{{Run: "two-now"}}
	if err := l.Client.Status().Update(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "put", "row/"+l.namespace+"/two", "running")
	tab.hears(t, "put", "tally", "running")
	l.create("three", nil)
	tab.hears(t, "put", "row/"+l.namespace+"/three")
	if err := l.Client.Delete(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "gone", "row/"+l.namespace+"/two")
	for _, e := range tab.all() {
		if strings.HasPrefix(e, "put row/"+l.namespace+"/one") {
			t.Errorf("a row that did not change was sent: %s", e)
		}
	}
}

func TestARowThatTheSearchDoesNotFindAnyMoreGoes(t *testing.T) {
	l := newLab(t)
	ms := l.create("gone", refused)
	server := l.page(l.admin())
	tab := listen(t, server, eventsOf(t, server, "/?state=refused"))
	tab.hears(t, "present")
	ms.Status.Active = []v1alpha1.ActiveRun{{Run: "gone-now"}}
	if err := l.Client.Status().Update(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "gone", "row/"+l.namespace+"/gone")
}

func TestThePageOfOneScheduleIsKeptUpToDate(t *testing.T) {
	l := newLab(t)
	ms := l.create("nightly", nil)
	server := l.page(l.admin())
	tab := listen(t, server, eventsOf(t, server, l.address("nightly")))
	tab.hears(t, "found")
	ms.Status.Active = []v1alpha1.ActiveRun{{Run: "nightly-now", Progress: &v1alpha1.RunProgress{Time: metav1.Now(),
		Attempt: 1, Name: "counting files", Percent: new(int32(41)), PerSecond: 1200, TimeLeft: "9s"}}}
	if err := l.Client.Status().Update(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "put", "summary", "counting files", "41 %", "1,200 a second", "9s left")
	tab.hears(t, "put", "actions", "Stop nightly-now")
	if err := l.Client.Delete(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	tab.hears(t, "deleted", "nightly")
}

func TestThePageSaysThatTheAPIServerIsAwayAndComesBack(t *testing.T) {
	l := newLab(t)
	ms := l.create("nightly", nil)
	proxy := newProxy(t, l.Admin)
	server := l.page(access.Visitor{Name: "an-admin", Config: proxy.config, Key: "cut-off"})
	events := eventsOf(t, server, "/")
	tab := listen(t, server, events)
	tab.hears(t, "present")

	proxy.set(true)
	tab.hears(t, "lost", "The API server does not answer")
	get(t, server, "/").want(t, 503, "The API server does not answer", "data-retry")
	ms.Status.Active = []v1alpha1.ActiveRun{{Run: "nightly-now"}}
	if err := l.Client.Status().Update(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	other := l.create("other", nil)
	if err := l.Client.Delete(t.Context(), other, client.PropagationPolicy("Background")); err != nil {
		t.Fatal(err)
	}
	proxy.set(false)
	tab.hears(t, "put", "row/"+l.namespace+"/nightly", "running")
}

// The tabs of a visitor share one watch, and it ends with the last of them.
func TestTabsShareAWatch(t *testing.T) {
	f := newFeeds()
	v := &visit{Visitor: access.Visitor{Key: "a"}, config: &rest.Config{Host: "127.0.0.1:1"}}
	_, leaveFirst, err := f.join(v, "", "")
	if err != nil {
		t.Fatal(err)
	}
	_, leaveSecond, err := f.join(v, "", "")
	if err != nil {
		t.Fatal(err)
	}
	_, leaveOther, err := f.join(&visit{Visitor: access.Visitor{Key: "b"}, config: v.config}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(f.all) != 2 {
		t.Errorf("there are %d watches for two visitors", len(f.all))
	}
	leaveFirst()
	if len(f.all) != 2 {
		t.Error("the watch ended with the first tab")
	}
	leaveSecond()
	leaveOther()
	if len(f.all) != 0 {
		t.Errorf("%d watches are left", len(f.all))
	}
}

// The watch of a visitor whom the API server no longer knows ends. Whoever comes back with a valid token begins
// another, though a tab of before is still open.
func TestAnEndedWatchIsNotJoined(t *testing.T) {
	l := newLab(t)
	expired := rest.AnonymousClientConfig(l.Admin)
	expired.BearerToken = "expired"
	f := newFeeds()
	tab, leave, err := f.join(&visit{Visitor: access.Visitor{Key: "a"}, config: expired}, l.namespace, "")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	clustertest.Eventually(t, "the watch has ended and is forgotten", func() (bool, string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.all) == 0, ""
	})
	<-tab.wake
	if tab.take().lost == nil {
		t.Error("the tab is not told")
	}
	again, leaveAgain, err := f.join(&visit{Visitor: access.Visitor{Key: "a"}, config: l.Admin}, l.namespace, "")
	if err != nil {
		t.Fatal(err)
	}
	defer leaveAgain()
	<-again.wake
	if got := again.take(); !got.found {
		t.Errorf("the next tab is told %+v", got)
	}
}
