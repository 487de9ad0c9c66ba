package cronjob

import (
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// Differs tells whether current has to be written again to be as desired: the whole spec, and those labels and annotations
// that desired has; others belong to whoever set them. Of a slim one it may say so although only the notation differs.
func Differs(current, desired *batchv1.CronJob) bool {
	return !sameSpec(current, desired) ||
		!holds(current.Labels, desired.Labels) || !holds(current.Annotations, desired.Annotations)
}

func sameSpec(current, desired *batchv1.CronJob) bool {
	if IsSlim(current) {
		return current.Annotations[digestAnnotation] == digest(desired.Spec)
	}
	return equality.Semantic.DeepEqual(current.Spec, desired.Spec)
}

func holds(all, part map[string]string) bool {
	for key, value := range part {
		if all[key] != value {
			return false
		}
	}
	return true
}
