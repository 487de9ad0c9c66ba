package cronjob

import (
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// Differs tells whether current has to be written again to be as desired: the whole spec, and those labels and annotations
// that desired has; others belong to whoever set them.
func Differs(current, desired *batchv1.CronJob) bool {
	return !equality.Semantic.DeepEqual(current.Spec, desired.Spec) ||
		!holds(current.Labels, desired.Labels) || !holds(current.Annotations, desired.Annotations)
}

func holds(all, part map[string]string) bool {
	for key, value := range part {
		if all[key] != value {
			return false
		}
	}
	return true
}
