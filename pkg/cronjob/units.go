package cronjob

import (
	"fmt"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// leastSize is the smallest size that anybody means: what is less was written without its unit, and is so many bytes.
var leastSize = resource.MustParse("1Mi")

// size is a quantity of bytes in a spec, and the unit that it was probably meant in.
type size struct {
	field string
	value *resource.Quantity
	unit  string
}

func sizes(spec v1alpha1.MaintenanceScheduleSpec, resources corev1.ResourceRequirements) (all []size) {
	if p := spec.CacheCleanup; p != nil {
		all = append(all, size{"spec.cacheCleanup.maxSize", p.MaxSize, "Gi"})
	}
	if p := spec.LogRotation; p != nil {
		all = append(all, size{"spec.logRotation.maxSize", p.MaxSize, "Mi"})
	}
	if p := spec.DatabaseOptimization; p != nil {
		all = append(all, size{"spec.databaseOptimization.compactThreshold", p.CompactThreshold, "Mi"})
	}
	for field, list := range map[string]corev1.ResourceList{"requests": resources.Requests, "limits": resources.Limits} {
		if memory, ok := list[corev1.ResourceMemory]; ok {
			all = append(all, size{"spec.job.resources." + field + ".memory", &memory, "Mi"})
		}
	}
	return all
}

var bareNumber = regexp.MustCompile(`^[0-9]+$`)

// resolveSizes refuses a size that lacks its unit: a cache of ten bytes would be an empty one.
func (r *Resolved) resolveSizes() *Problem {
	for _, s := range sizes(r.owner.Spec, r.resources()) {
		if s.value == nil || s.value.Sign() < 0 || s.value.Cmp(leastSize) >= 0 { // a negative one is refused by its own rule
			continue
		}
		hint := "write 1Mi or more"
		if text := s.value.String(); bareNumber.MatchString(text) && text != "0" {
			hint = fmt.Sprintf("did you mean %s%s?", text, s.unit)
		}
		return &Problem{v1alpha1.ReasonInvalidParameters, fmt.Sprintf("%s is %s, and a number without a unit is in bytes: %s", s.field, s.value, hint)}
	}
	return nil
}
