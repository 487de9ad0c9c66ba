package cronjob

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// resolveLabels refuses labels that the API server would not take. Its own message is about the CronJob, which nobody
// wrote.
func (r *Resolved) resolveLabels() *Problem {
	job := r.owner.Spec.Job
	if job == nil {
		return nil
	}
	for _, list := range []struct {
		field  string
		labels map[string]string
	}{{"spec.job.labels", job.Labels}, {"spec.job.nodeSelector", job.NodeSelector}} {
		for _, key := range slices.Sorted(maps.Keys(list.labels)) {
			wrong := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(list.labels[key])...)
			if len(wrong) > 0 {
				return &Problem{v1alpha1.ReasonInvalidParameters,
					fmt.Sprintf("%s: %q: %q is no label: %s",
						list.field, key, list.labels[key], strings.Join(wrong, "; "))}
			}
		}
	}
	return nil
}
