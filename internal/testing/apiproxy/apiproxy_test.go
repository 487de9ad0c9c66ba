package apiproxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
)

const answer = "this is the whole answer"

// served is a server behind a proxy, which counts what it is asked for, and a client of the proxy.
func served(t *testing.T) (p *Proxy, asked *atomic.Int64, send func(method, path string) (int, string, error)) {
	t.Helper()
	asked = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	p = Start(t, &rest.Config{Host: server.URL})
	client, err := rest.HTTPClientFor(p.Config())
	if err != nil {
		t.Fatal(err)
	}
	return p, asked, func(method, path string) (int, string, error) {
		request, err := http.NewRequestWithContext(t.Context(), method, p.Config().Host+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Do(request)
		if err != nil {
			return 0, "", err
		}
		defer got.Body.Close()
		body, err := io.ReadAll(got.Body)
		return got.StatusCode, string(body), err
	}
}

func TestAFaultIsWhatTheClientAndTheServerSee(t *testing.T) {
	tests := map[string]struct {
		fault Fault
		asked int64
		code  int
		body  string
		lost  bool
	}{
		"everything passes":                  {fault: None, asked: 1, code: 200, body: answer},
		"a request is lost before":           {fault: LostBefore, lost: true},
		"a request is lost after":            {fault: LostAfter, asked: 1, lost: true},
		"an answer ends in the middle":       {fault: Torn, asked: 1, code: 200, body: answer[:len(answer)/2], lost: true},
		"a conflict does not reach a server": {fault: 409, code: 409, body: `"reason":"Conflict"`},
		"the server is not well":             {fault: 503, code: 503, body: `"reason":"ServiceUnavailable"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, asked, send := served(t)
			if code, _, err := send("POST", "/api/v1/namespaces/n/pods"); code != 200 || err != nil { // the connection is used again
				t.Fatalf("before: %d, %v", code, err)
			}
			asked.Store(0)
			p.Judge(func(*http.Request) Fault { return test.fault })
			code, body, err := send("POST", "/api/v1/namespaces/n/pods")
			if code != test.code || !strings.Contains(body, test.body) || (err != nil) != test.lost {
				t.Errorf("the client sees %d, %q, %v", code, body, err)
			}
			if asked.Load() != test.asked {
				t.Errorf("the server was asked %d times", asked.Load())
			}
		})
	}
}

func TestAServerIsAwayUntilItReturns(t *testing.T) {
	p, asked, send := served(t)
	p.Leave()
	if _, _, err := send("GET", "/version"); !errors.Is(err, syscall.ECONNREFUSED) || asked.Load() > 0 {
		t.Errorf("away: %v, asked %d times", err, asked.Load())
	}
	p.Return(t)
	if code, _, err := send("GET", "/version"); code != 200 || err != nil {
		t.Errorf("back: %d, %v", code, err)
	}
}

// watched is a server that says to the watches of each resource what it is told to.
func watched(t *testing.T) (p *Proxy, says map[string]chan string) {
	t.Helper()
	says = map[string]chan string{"pods": make(chan string), "jobs": make(chan string)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		for {
			select {
			case event := <-says[resourceOf(r)]:
				_, _ = io.WriteString(w, event)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	return Start(t, &rest.Config{Host: server.URL}), says
}

// listen gives out what a watch brings, and closes when the watch ends.
func listen(t *testing.T, p *Proxy, resource string) chan string {
	t.Helper()
	client, err := rest.HTTPClientFor(p.Config())
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Get(p.Config().Host + "/api/v1/namespaces/n/" + resource + "?watch=true")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 10)
	t.Cleanup(func() { _ = got.Body.Close() })
	go func() {
		defer close(heard)
		for piece := make([]byte, 100); ; {
			n, err := got.Body.Read(piece)
			if n > 0 {
				heard <- string(piece[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	return heard
}

func TestAWatchThatIsHeldSaysNothingUntilItIsReleased(t *testing.T) {
	p, says := watched(t)
	pods, jobs := listen(t, p, "pods"), listen(t, p, "jobs")
	says["pods"] <- "one"
	expect(t, pods, "one")
	p.Hold("pods")
	says["pods"] <- "two"
	untilKept(t, p, "pods")
	says["jobs"] <- "another resource's"
	expect(t, jobs, "another resource's")
	select {
	case event := <-pods:
		t.Errorf("held, it says %q", event)
	default:
	}
	p.Release("pods")
	expect(t, pods, "two")
}

// untilKept waits until the proxy has something to keep back.
func untilKept(t *testing.T, p *Proxy, resource string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), time.Millisecond, time.Minute, true, func(context.Context) (bool,
		error) {
		return p.Keeps(resource), nil
	})
	if err != nil {
		t.Fatalf("nothing of the %s is kept back: %v", resource, err)
	}
}

func expect(t *testing.T, heard chan string, want string) {
	t.Helper()
	select {
	case event, ok := <-heard:
		if event != want {
			t.Errorf("it says %q (%v), not %q", event, ok, want)
		}
	case <-time.After(time.Minute):
		t.Fatalf("it never says %q", want)
	}
}

func TestAWatchIsCutWhenTheServerLeavesAndLosesWhatWasHeld(t *testing.T) {
	p, says := watched(t)
	pods := listen(t, p, "pods")
	p.Hold("pods")
	says["pods"] <- "lost"
	untilKept(t, p, "pods")
	p.Leave()
	select {
	case event, ok := <-pods:
		if ok {
			t.Errorf("it says %q", event)
		}
	case <-time.After(time.Minute):
		t.Fatal("the watch goes on")
	}
}
