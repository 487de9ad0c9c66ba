package dashboard

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// many are schedules as they are after some nights.
func many(n int) (all []v1alpha1.MaintenanceSchedule) {
	at := time.Date(2026, 11, 26, 2, 30, 0, 0, time.UTC)
	for i := range n {
		ms := v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: "ucorefs",
			Name: fmt.Sprintf("schedule-%04d", i), ResourceVersion: "1"}}
		ms.Spec.Task = "verify-references"
		next := metav1.NewTime(at.AddDate(0, 0, 1))
		ms.Status.Schedule, ms.Status.TimeZone, ms.Status.Description = "30 2 * * *", "Europe/Berlin",
			"at 02:30 every day (Europe/Berlin)"
		ms.Status.NextScheduleTime = &next
		for night := range 10 {
			started := metav1.NewTime(at.AddDate(0, 0, -night))
			ms.Status.History = append(ms.Status.History, v1alpha1.RunSummary{Run: fmt.Sprintf("%s-%d", ms.Name, 29927610-night),
				Outcome: "Succeeded", Attempts: 1,
				Message: fmt.Sprintf("%d broken references in 182044 documents", 30-3*night), StartedAt: &started,
				FinishedAt: &started,
				Duration:   fmt.Sprintf("1m%ds", 10-night), Counts: map[string]int64{"filesChecked": 182044,
					"brokenTagRefs": int64(30 - 3*night)}})
		}
		ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: ms.Status.History[0]}
		all = append(all, ms)
	}
	return all
}

// listPage is the list of schedules as it is sent.
func listPage(t testing.TB, all []v1alpha1.MaintenanceSchedule) []byte {
	t.Helper()
	var out bytes.Buffer
	body := listing{List: view.NewList(all, view.Query{Sort: "name"}, time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)),
		Whole: "/"}
	if err := pages["list"].ExecuteTemplate(&out, "frame", page{Title: "Schedules", Body: body}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkList is what the list of a thousand schedules costs after it was read.
func BenchmarkList(b *testing.B) {
	all := many(1000)
	b.ReportAllocs()
	for b.Loop() {
		b.ReportMetric(float64(len(listPage(b, all))), "bytes/page")
	}
}

// What a thousand schedules weigh, and what it costs to write them, does not grow unseen. Seconds would tell more of
// the machine.
func TestAListOfAThousandSchedulesIsLight(t *testing.T) {
	const schedules, mostBytes, mostAllocations = 1000, 1_000_000, 300
	all := many(schedules)
	whole := listPage(t, all)
	if rows := bytes.Count(whole, []byte("<tr role=")); len(whole) > mostBytes || rows != schedules+1 {
		t.Errorf("%d rows are %d bytes", rows, len(whole))
	}
	small := compressedSize(t, whole)
	if small > mostBytes/10 {
		t.Errorf("compressed they are %d bytes", small)
	}
	allocations := testing.AllocsPerRun(1, func() { listPage(t, all) }) / schedules
	if allocations > mostAllocations {
		t.Errorf("a row takes %.0f allocations", allocations)
	}
	t.Logf("%d bytes, %d compressed, %.0f allocations for each row", len(whole), small, allocations)
}

func compressedSize(t *testing.T, page []byte) int {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page) // a recorder takes all
	})).ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("it is not compressed")
	}
	return w.Body.Len()
}
