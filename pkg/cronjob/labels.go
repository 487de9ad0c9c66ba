package cronjob

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// resolveLabels refuses labels and annotations that the API server would not take. Its own message is about the
// CronJob, which nobody wrote.
func (r *Resolved) resolveLabels() *Problem {
	job := r.owner.Spec.Job
	if job == nil {
		return nil
	}
	for _, list := range []struct {
		field, what string
		pairs       map[string]string
		value       func(string) []string
	}{
		{"spec.job.labels", "label", job.Labels, validation.IsValidLabelValue},
		{"spec.job.nodeSelector", "label", job.NodeSelector, validation.IsValidLabelValue},
		{"spec.job.annotations", "annotation", job.Annotations, func(string) []string { return nil }},
	} {
		for _, key := range slices.Sorted(maps.Keys(list.pairs)) {
			wrong := append(validation.IsQualifiedName(key), list.value(list.pairs[key])...)
			if len(wrong) > 0 {
				return &Problem{v1alpha1.ReasonInvalidParameters,
					fmt.Sprintf("%s: %q: %q is no %s: %s",
						list.field, key, list.pairs[key], list.what, strings.Join(wrong, "; "))}
			}
		}
	}
	return nil
}
