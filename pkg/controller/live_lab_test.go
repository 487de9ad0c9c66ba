package controller

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/progress"
)

// A run under way shows how far it is, at most every ten seconds, never going back, and without a right on the API.
// Seen to fail when each look asked the pod.
func TestARunUnderWayShowsHowFarItIs(t *testing.T) {
	c := &stoppedClock{}
	l := newLabAt(t, c.read)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	run := progress.New(progress.Output{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	run.LimitBy(func(bool) progress.Limit {
		return progress.Limit{Throttle: "low", PerSecond: 3125, Slowed: true, Took: 400 * time.Millisecond,
			Usual: 20 * time.Millisecond}
	})
	run.Start("reading files", 1000)
	run.Add(410)
	var asked atomic.Int32
	go func() {
		_ = http.Serve(l.live, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			run.ServeHTTP(w, r)
		}))
	}()
	l.RunPod(t, pod, "127.0.0.1")
	ms := l.until("nightly", "shows how far it is", shows(func(p *v1alpha1.RunProgress) bool {
		return *p.Percent == 41 &&
			p.Total == 1000 && p.Attempt == 1
	}))
	const slow = "the database takes 400ms to answer, usually 20ms"
	says(t, "the status", ms.Status.Message, job+": step 1, reading files: 41%", "left, slowed to 3125 a second: "+slow)
	if p := ms.Status.Active[0].Progress; p.Throttle != v1alpha1.ThrottleLow || p.MaxPerSecond != 3125 ||
		p.SlowedBy != slow {
		t.Errorf("its pace is %+v", p)
	}
	run.Add(-200) // as no task does
	run.Start("writing", 0)
	run.Add(3)
	for range 5 {
		l.lookAgain("nightly", c)
	}
	if asked.Load() != 1 {
		t.Errorf("the pod was asked %d times within ten seconds", asked.Load())
	}
	c.pass(liveEvery + time.Second)
	ms = l.until("nightly", "goes on", shows(func(p *v1alpha1.RunProgress) bool {
		return p.Name == "writing" &&
			p.Percent == nil
	}))
	says(t, "the status", ms.Status.Message, job+": step 2, writing: 3 done")
	if asked.Load() != 2 {
		t.Errorf("the pod was asked %d times", asked.Load())
	}
	l.EndPod(t, pod, 0, good())
	if ms := l.ended("nightly", job); len(ms.Status.Active) != 0 || strings.Contains(ms.Status.Message, "step") {
		t.Errorf("it has ended: %+v, %s", ms.Status.Active, ms.Status.Message)
	}
}

// stoppedClock is a controller's clock that goes on only when told to. It shows the time of the first look where
// nothing else is set, and counts the looks.
type stoppedClock struct {
	mu    sync.Mutex
	now   time.Time
	looks int
}

func (c *stoppedClock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looks++
	if c.now.IsZero() {
		c.now = time.Now()
	}
	return c.now
}

func (c *stoppedClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *stoppedClock) taken() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looks
}

// until waits until the controller has taken that many looks.
func (c *stoppedClock) until(t *testing.T, looks int) {
	t.Helper()
	clustertest.Eventually(t, "the controller looks", func() (bool, string) {
		return c.taken() >= looks, fmt.Sprintf("%d of %d looks", c.taken(), looks)
	})
}

// lookAgain changes the schedule so that the controller looks at it.
func (l *lab) lookAgain(name string, c *stoppedClock) {
	l.t.Helper()
	before := c.taken()
	l.change(name, func(ms *v1alpha1.MaintenanceSchedule) { ms.Annotations["example.com/touched"] = rand.Text() })
	c.until(l.t, before+1)
}

func shows(holds func(*v1alpha1.RunProgress) bool) func(*v1alpha1.MaintenanceSchedule) bool {
	return func(ms *v1alpha1.MaintenanceSchedule) bool {
		return len(ms.Status.Active) == 1 && ms.Status.Active[0].Progress != nil && holds(ms.Status.Active[0].Progress)
	}
}

// The pod runs, refuses connections, and begins to listen, of which the API server sees nothing. Meanwhile nothing is
// written. Seen to fail when the controller looked again after ten seconds: the wait ends before there are enough
// looks.
func TestARunThatDoesNotListenYetIsLookedAtOften(t *testing.T) {
	c := &stoppedClock{} // so that the pod stays young however slow the machine is
	l := newLabAt(t, c.read)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	c.pass(time.Since(c.read()))
	l.RunPod(t, pod, nobody)
	c.until(t, c.taken()+5) // what there is to write is written
	before, began := l.schedule("nightly"), time.Now()
	c.until(t, c.taken()+20)
	if took := time.Since(began); took < 10*time.Second {
		t.Errorf("20 looks within %s", took)
	}
	if after := l.schedule("nightly"); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("something was written: (-before +after)\n%s", cmp.Diff(before.Status, after.Status))
	}
	run := progress.New(progress.Output{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	run.Start("waiting for something", 0)
	serveAt(t, nobody, l.live.Addr().(*net.TCPAddr).Port, run)
	ms := l.until("nightly", "shows how far it is", shows(func(p *v1alpha1.RunProgress) bool { return p.Step == 1 }))
	if want := job + ": step 1, waiting for something"; ms.Status.Message != want {
		t.Errorf("the status says %q, not %q", ms.Status.Message, want)
	}
}

// serveAt answers at an address until the test ends.
func serveAt(t *testing.T, address string, port int, handler http.Handler) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() { _ = http.Serve(listener, handler) }()
}
