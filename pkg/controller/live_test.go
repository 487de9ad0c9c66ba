package controller

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/progress"
)

// A run under way shows how far it is, at most every ten seconds, never going back, and without a right on the API. Seen to fail
// when each look asked the pod.
func TestARunUnderWayShowsHowFarItIs(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	job, pod := l.started("nightly", "1")
	run := progress.New(progress.Output{Log: slog.New(slog.DiscardHandler), Now: time.Now})
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
	ms := l.until("nightly", "shows how far it is", shows(func(p *v1alpha1.RunProgress) bool { return *p.Percent == 41 && p.Total == 1000 && p.Attempt == 1 }))
	says(t, "the status", ms.Status.Message, job+": step 1, reading files: 41%", "left")
	first := ms.Status.Active[0].Progress.Time
	for range 5 {
		l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Annotations["example.com/touched"] = fmt.Sprint(time.Now().UnixNano()) // which makes the controller look
		})
	}
	run.Add(-200) // as no task does
	run.Start("writing", 0)
	run.Add(3)
	ms = l.until("nightly", "goes on", shows(func(p *v1alpha1.RunProgress) bool { return p.Name == "writing" && p.Percent == nil }))
	if apart := ms.Status.Active[0].Progress.Time.Sub(first.Time); apart < liveEvery || asked.Load() != 2 {
		t.Errorf("the second look was %s after the first; the pod was asked %d times", apart, asked.Load())
	}
	l.EndPod(t, pod, 0, good())
	if ms := l.ended("nightly", job); len(ms.Status.Active) != 0 || strings.Contains(ms.Status.Message, "step") {
		t.Errorf("it has ended: %+v, %s", ms.Status.Active, ms.Status.Message)
	}
}

func shows(holds func(*v1alpha1.RunProgress) bool) func(*v1alpha1.MaintenanceSchedule) bool {
	return func(ms *v1alpha1.MaintenanceSchedule) bool {
		return len(ms.Status.Active) == 1 && ms.Status.Active[0].Progress != nil && holds(ms.Status.Active[0].Progress)
	}
}

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
			began := time.Now()
			for range 3 {
				if got := live.ask(t.Context(), pod, began); got != nil {
					t.Errorf("it is believed: %+v", got)
				}
			}
			if took := time.Since(began); took > 3*liveTimeout || asked.Load() != 1 {
				t.Errorf("asked %d times in %s", asked.Load(), took)
			}
			live.ask(t.Context(), pod, began.Add(deafFor))
			if asked.Load() != 2 {
				t.Errorf("it is not asked again: %d", asked.Load())
			}
		})
	}
}

// A pod that runs and does not listen yet is asked again at the next look. Seen to fail, with a run of half a minute on a real
// cluster, when it was left alone.
func TestAPodThatDoesNotListenYetIsAskedAgain(t *testing.T) {
	pod, live := servedBy(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"step":1}`) })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	early := &Live{Port: int32(closed.Addr().(*net.TCPAddr).Port)}
	if got := early.ask(t.Context(), pod, noon); got != nil {
		t.Errorf("it answers %+v", got)
	}
	early.Port = live.Port
	if got := early.ask(t.Context(), pod, noon); got == nil || got.Step != 1 {
		t.Errorf("it is not asked again: %+v", got)
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

// servedBy is a running pod on the loopback address whose progress that handler serves.
func servedBy(t *testing.T, handler http.HandlerFunc) (*corev1.Pod, *Live) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	port := server.Listener.Addr().(*net.TCPAddr).Port
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "1"}, Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "127.0.0.1"}}
	return pod, &Live{Port: int32(port)}
}
