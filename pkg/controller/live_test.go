package controller

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// What a pod says is bounded, and one that does not answer holds nobody up.
func TestAPodThatTellsNoProgressIsLeftAlone(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"an error": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) },
		"a redirection": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"no end":         func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1<<20)) },
		"no answer":      func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"another number": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"step":-1}`) },
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			pod, live := servedBy(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); answer(w, r) })
			if name == "no answer" {
				live.Timeout = 0 // which it waits for
			}
			for range 3 {
				if got, _ := live.ask(t.Context(), pod, noon); got != nil {
					t.Errorf("it is believed: %+v", got)
				}
			}
			if asked.Load() != 1 {
				t.Errorf("asked %d times", asked.Load())
			}
			live.ask(t.Context(), pod, noon.Add(deafFor))
			if asked.Load() != 2 {
				t.Errorf("it is not asked again: %d", asked.Load())
			}
		})
	}
}

// A pod that has just started and has nothing to show is asked again at once, but not for ever. Seen to fail, with a
// run of half a minute on a real cluster, when it was left alone like one that does not answer.
func TestAPodThatIsStartingIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		started  time.Duration // before now
		answer   string        // empty: it does not listen
		shows    bool
		starting bool
	}{
		"it does not listen yet":                        {started: time.Second, starting: true},
		"it has begun no step":                          {started: time.Second, answer: `{"step":0}`, starting: true},
		"it has begun one":                              {started: time.Second, answer: `{"step":1}`, shows: true},
		"it has had its time and does not listen":       {started: startingFor},
		"it has had its time and has begun no step":     {started: startingFor, answer: `{"step":0}`},
		"it has had its time and has begun one":         {started: startingFor, answer: `{"step":1}`, shows: true},
		"its node's clock is ahead by a little":         {started: -10 * time.Second, starting: true},
		"its node's clock is ahead by more than it has": {started: -startingFor},
		"what it says is wrong":                         {started: time.Second, answer: "a page"},
	} {
		t.Run(name, func(t *testing.T) {
			pod, live := servedBy(t, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, cmp.Or(c.answer, `{"step":1}`))
			})
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{
				Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(noon.Add(-c.started))}}}}
			listens := pod.Status.PodIP
			if c.answer == "" {
				pod.Status.PodIP = nobody
			}
			got, starting := live.ask(t.Context(), pod, noon)
			if shows := got != nil; shows != c.shows || starting != c.starting {
				t.Errorf("it shows %+v, starting: %v", got, starting)
			}
			pod.Status.PodIP = listens
			if got, _ := live.ask(t.Context(), pod, noon); c.answer == "" && got == nil {
				t.Error("it listens now and is not asked")
			}
		})
	}
}

// nobody is an address on which nothing listens in these tests, whatever the port.
const nobody = "127.0.0.2"

// A run whose pod starts is looked at again within a second, any other at the usual time.
func TestWhenARunIsLookedAtAgain(t *testing.T) {
	seen := inForce(t, noon.Add(-20*time.Minute))
	seen.jobs = []batchv1.Job{{ObjectMeta: metav1.ObjectMeta{Name: "hourly-1"}}}
	if _, again := statusOf(seen); again != liveEvery+time.Second {
		t.Errorf("a run under way is looked at again after %s", again)
	}
	seen.starting = true
	if _, again := statusOf(seen); again != time.Second {
		t.Errorf("a run whose pod starts is looked at again after %s", again)
	}
}

// Progress goes on and never back, whatever order the answers come in.
func TestProgressNeverGoesBack(t *testing.T) {
	at := func(attempt, step int32, done int64) *v1alpha1.RunProgress {
		return &v1alpha1.RunProgress{Attempt: attempt, Step: step, Done: done}
	}
	for name, c := range map[string]struct{ stored, seen, want *v1alpha1.RunProgress }{
		"the first":            {nil, at(1, 1, 5), at(1, 1, 5)},
		"none":                 {at(1, 1, 5), nil, at(1, 1, 5)},
		"further":              {at(1, 1, 5), at(1, 1, 6), at(1, 1, 6)},
		"back within a step":   {at(1, 1, 5), at(1, 1, 4), at(1, 1, 5)},
		"the next step":        {at(1, 1, 5), at(1, 2, 0), at(1, 2, 0)},
		"the step before":      {at(1, 2, 0), at(1, 1, 9), at(1, 2, 0)},
		"the next pod":         {at(1, 2, 7), at(2, 1, 0), at(2, 1, 0)},
		"the pod before, late": {at(2, 1, 0), at(1, 3, 9), at(2, 1, 0)},
	} {
		ms := &v1alpha1.MaintenanceSchedule{Status: v1alpha1.MaintenanceScheduleStatus{Active: []v1alpha1.ActiveRun{{Run: "run", Progress: c.stored}}}}
		seen := observation{schedule: ms, progress: map[string]*v1alpha1.RunProgress{}}
		if c.seen != nil {
			seen.progress["run"] = c.seen
		}
		if got := seen.progressOf("run"); *got != *c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// servedBy is a running pod on the loopback address whose progress that handler serves, and a Live that asks it and
// waits as long as a busy machine may take to answer.
func servedBy(t *testing.T, handler http.HandlerFunc) (*corev1.Pod, *Live) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	port := server.Listener.Addr().(*net.TCPAddr).Port
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "1"}, Status: corev1.PodStatus{Phase: corev1.PodRunning,
		PodIP: "127.0.0.1"}}
	return pod, &Live{Port: int32(port), Timeout: time.Minute}
}
