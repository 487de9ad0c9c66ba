package cronjob

import (
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// Seen to fail: what came from the chart's values was blamed on the schedule, and the other faults were left to the API
// server.
func TestResourcesThatCannotWorkAreNamedByTheirSource(t *testing.T) {
	list := func(name corev1.ResourceName, quantity string) corev1.ResourceList {
		return corev1.ResourceList{name: resource.MustParse(quantity)}
	}
	for name, c := range map[string]struct {
		chart, own v1alpha1.ResourcesSpec
		says       string // empty: it can work
	}{
		"the chart's memory without its unit": {v1alpha1.ResourcesSpec{Limits: list("memory", "512m")},
			v1alpha1.ResourcesSpec{},
			"the chart's jobs.resources.limits.memory: it is 512m, which is less than 1Mi, and a number without a unit is in " +
				"bytes: did you mean 512Mi?"},
		"the chart's memory, replaced": {v1alpha1.ResourcesSpec{Limits: list("memory", "512m")},
			v1alpha1.ResourcesSpec{Limits: list("memory", "512Mi")}, ""},
		"its own memory without its unit": {v1alpha1.ResourcesSpec{Limits: list("memory", "1Gi")},
			v1alpha1.ResourcesSpec{Limits: list("memory", "512")},
			"spec.job.resources.limits.memory: it is 512, which"},
		"no memory": {v1alpha1.ResourcesSpec{}, v1alpha1.ResourcesSpec{Limits: list("memory", "0")},
			"spec.job.resources.limits.memory: it is 0, which is less than 1Mi"},
		"a request above the chart's limit": {v1alpha1.ResourcesSpec{Limits: list("memory", "1Gi")},
			v1alpha1.ResourcesSpec{Requests: list("memory", "2Gi")},
			"spec.job.resources.requests.memory is 2Gi, which is more than the chart's jobs.resources.limits.memory (1Gi)"},
		"a limit below the chart's request": {v1alpha1.ResourcesSpec{Requests: list("cpu", "2")},
			v1alpha1.ResourcesSpec{Limits: list("cpu", "1500m")},
			"the chart's jobs.resources.requests.cpu is 2, which is more than spec.job.resources.limits.cpu (1500m)"},
		"an unknown name": {v1alpha1.ResourcesSpec{}, v1alpha1.ResourcesSpec{Limits: list("mem", "1Gi")},
			"spec.job.resources.limits.mem is not a resource"},
		"less than nothing": {v1alpha1.ResourcesSpec{}, v1alpha1.ResourcesSpec{Limits: list("cpu", "-1")},
			"spec.job.resources.limits.cpu is -1: write"},
		"a device and huge pages": {v1alpha1.ResourcesSpec{Limits: list("example.com/gpu", "1")},
			v1alpha1.ResourcesSpec{Limits: list("hugepages-2Mi", "64Mi")}, ""},
		"a request that is the limit": {v1alpha1.ResourcesSpec{Limits: list("memory", "1Gi")},
			v1alpha1.ResourcesSpec{Requests: list("memory", "1024Mi")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings()
			s.Resources = c.chart
			_, err := Resolve(scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
				Job: &v1alpha1.JobSpec{Resources: &c.own}}), s)
			var problem *Problem
			if c.says == "" && err != nil {
				t.Error(err)
			}
			if c.says != "" && (!errors.As(err, &problem) || problem.Reason != v1alpha1.ReasonInvalidParameters ||
				!strings.Contains(problem.Message, c.says)) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}
