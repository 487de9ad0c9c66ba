package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// screen is what a command that goes on has printed so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) shows(t *testing.T, part string) {
	t.Helper()
	clustertest.Eventually(t, "the screen shows "+part, func() (bool, string) {
		return strings.Contains(s.String(), part), s.String()
	})
}

func TestListSelectsByLabels(t *testing.T) {
	l := newLab(t)
	l.create("films", func(ms *v1alpha1.MaintenanceSchedule) { ms.Labels = map[string]string{"team": "films"} })
	l.create("music", nil)
	r := l.maint("list", "-l", "team=films")
	r.want(t, 0, "films  True   verify-references")
	if strings.Contains(r.out, "music") {
		t.Errorf("it lists others:\n%s", r.out)
	}
	l.maint("list", "-l", "team=none").want(t, 0, "No schedules with the labels team=none in the namespace")
	l.maint("list", "-l", "(").want(t, 1, "found '('")
}

// A schedule is printed again when what the list shows of it changed, and then only.
func TestListGoesOnWithEveryChange(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	ctx, stop := context.WithCancel(t.Context())
	var shown screen
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"list", "--watch", "--kubeconfig", l.kubeconfig, "--namespace", l.namespace},
			strings.NewReader(""), &shown, &shown)
	}()
	shown.shows(t, "never")
	l.maint("run", "nightly").want(t, 0)
	pod := l.podOfRun("nightly")
	shown.shows(t, "under way: nightly-now-")
	l.EndPod(t, pod, 4, message(report.Refused, report.ReasonDeletionCapExceeded, false))
	shown.shows(t, "DeletionCapExceeded: nightly-now-")
	l.create("another", nil)
	shown.shows(t, "another  True")
	ms := l.schedule("another")
	if err := l.Client.Delete(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	shown.shows(t, l.namespace+"/another was deleted")
	stop()
	if code := <-done; code != 0 {
		t.Errorf("it exits with %d", code)
	}
	l.maint("list", "-w", "-o", "json").want(t, 64, "kubectl get msched --watch")
}
