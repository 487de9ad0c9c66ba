package cronjob

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// resourceList is the requests or the limits of the pods, and those of them that the schedule sets itself.
type resourceList struct {
	field    string // requests or limits
	all, own corev1.ResourceList
}

// resolveResources refuses CPU and memory with which no pod would start. The API server's own message is about the
// CronJob, which nobody wrote.
func (r *Resolved) resolveResources() *Problem {
	requests, limits := r.resourceLists()
	for _, list := range []resourceList{requests, limits} {
		if err := list.check(); err != nil {
			return &Problem{v1alpha1.ReasonInvalidParameters, err.Error()}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(requests.all)) {
		request, limit := requests.all[name], limits.all[name]
		if _, limited := limits.all[name]; limited && request.Cmp(limit) > 0 {
			return &Problem{v1alpha1.ReasonInvalidParameters, fmt.Sprintf(
				"%s is %s, which is more than %s (%s): lower the request, or raise the limit",
				requests.path(name), request.String(), limits.path(name), limit.String())}
		}
	}
	return nil
}

func (r *Resolved) resourceLists() (requests, limits resourceList) {
	var own v1alpha1.ResourcesSpec
	if job := r.owner.Spec.Job; job != nil && job.Resources != nil {
		own = *job.Resources
	}
	all := r.resources()
	return resourceList{"requests", all.Requests, own.Requests}, resourceList{"limits", all.Limits, own.Limits}
}

// path names the field, or the chart's value, that a quantity comes from.
func (l resourceList) path(name corev1.ResourceName) string {
	if _, own := l.own[name]; own {
		return fmt.Sprintf("spec.job.resources.%s.%s", l.field, name)
	}
	return fmt.Sprintf("the chart's jobs.resources.%s.%s", l.field, name)
}

// check finds a name or a quantity that cannot work.
func (l resourceList) check() error {
	for _, name := range slices.Sorted(maps.Keys(l.all)) {
		quantity := l.all[name]
		if !knownResource(name) {
			return fmt.Errorf("%s is not a resource that Kubernetes knows: write cpu, memory, ephemeral-storage, "+
				"or the full name of a device, such as example.com/gpu", l.path(name))
		}
		if quantity.Sign() < 0 {
			return fmt.Errorf("%s is %s: write a quantity above 0", l.path(name), quantity.String())
		}
		if name != corev1.ResourceMemory {
			continue
		}
		if err := checkSize(quantity, "Mi"); err != nil {
			return fmt.Errorf("%s: %w", l.path(name), err)
		}
	}
	return nil
}

// knownResource tells whether a container may have a resource of that name.
func knownResource(name corev1.ResourceName) bool {
	known := []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage}
	return slices.Contains(known, name) || strings.Contains(string(name), "/") ||
		strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}
