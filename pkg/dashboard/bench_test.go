package dashboard

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// BenchmarkList is what the list of a thousand schedules costs after it was read.
func BenchmarkList(b *testing.B) {
	var all []v1alpha1.MaintenanceSchedule
	for n := range 1000 {
		ms := v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: "ucorefs", Name: fmt.Sprintf("s-%04d", n)}}
		refused(&ms)
		all = append(all, ms)
	}
	for b.Loop() {
		var out bytes.Buffer
		body := listing{List: view.NewList(all, view.Query{Sort: "name"}, time.Now()), Whole: "/"}
		if err := pages["list"].ExecuteTemplate(&out, "frame", page{Title: "Schedules", Body: body}); err != nil {
			b.Fatal(err)
		}
	}
}
