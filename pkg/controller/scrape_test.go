package controller

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// ofMany reads many schedules that each ended a run, as a cache does.
type ofMany struct {
	client.Reader
	all []v1alpha1.MaintenanceSchedule
}

func (m ofMany) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	var o client.ListOptions
	o.ApplyOptions(options)
	if o.UnsafeDisableDeepCopy == nil || !*o.UnsafeDisableDeepCopy {
		return fmt.Errorf("each scrape copies all schedules")
	}
	list.(*v1alpha1.MaintenanceScheduleList).Items = m.all
	return nil
}

func manySchedules(t *testing.T, n int) ofMany {
	t.Helper()
	seen := inForce(t, noon)
	seen.vanished = []v1alpha1.ActiveRun{{Run: "hourly-1"}}
	seen.schedule.Status, _ = statusOf(seen)
	seen.schedule.Status.LastRun.Counts = map[string]int64{"filesChecked": 182044, "brokenTagRefs": 3}
	var many ofMany
	for i := range n {
		ms := *seen.schedule.DeepCopy()
		ms.Name = fmt.Sprintf("schedule-%05d", i)
		many.all = append(many.all, ms)
	}
	return many
}

func elected() chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// What a scrape needs in memory does not grow with the schedules: of 10,000 with all figures it makes 40 MB of text and
// holds about 1 MiB of it, whoever else reads at the same time. Must fail, with 150 MiB, when all metrics were gathered
// before the first was written.
func TestAScrapeHoldsLittle(t *testing.T) {
	const most = 8 << 20
	m := NewMetrics(manySchedules(t, 10_000), elected())
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	out := &watched{before: before.HeapAlloc}
	if err := m.WriteText(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of text, of which the heap held at most %d KiB", out.bytes, out.peak>>10)
	if out.peak > most {
		t.Errorf("the heap grew by %d MiB", out.peak>>20)
	}
}

// watched looks, now and then, at what is alive in the heap while the text goes through it.
type watched struct {
	before, peak uint64
	bytes, looks int
}

func (w *watched) Write(p []byte) (int, error) {
	w.bytes += len(p)
	if w.looks++; w.looks%64 == 1 {
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		if now.HeapAlloc > w.before {
			w.peak = max(w.peak, now.HeapAlloc-w.before)
		}
	}
	return len(p), nil
}

// All clients get the whole text, one after the other, compressed where they take that.
func TestSeveralClientsReadTheMetricsInTurn(t *testing.T) {
	m := NewMetrics(manySchedules(t, 100), elected())
	server := httptest.NewServer(m.Handler(prometheus.NewRegistry()))
	defer server.Close()
	texts := make([]string, 6)
	var all sync.WaitGroup
	for i := range texts {
		all.Go(func() {
			answer, err := http.Get(server.URL) // which asks for gzip and takes it off
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"),
				"text/plain; version=0.0.4") {
				t.Errorf("%s, %v, %s", answer.Status, err, answer.Header)
			}
			texts[i] = string(text)
		})
	}
	all.Wait()
	for _, text := range texts {
		if text != texts[0] || strings.Count(text, `maintenance_schedule_overdue{schedule="schedule-00042"`) != 1 ||
			strings.Contains(text, "NaN") {
			t.Fatalf("a text of %d bytes, the first of %d", len(text), len(texts[0]))
		}
	}
}
