package cronjob

import (
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// Differs tells whether current has to be written again to be as desired. Ours are the labels and annotations that
// desired has, and the fields of the spec that it sets; what others add to a CronJob belongs to them, unless it opens
// the pods' sandbox.
//
// Stored is the digest of what the API server made of the last write (see StoredDigest), or empty: admission policies,
// defaults and the rounding of quantities may have changed even fields of ours, and would do so again. Of a slim one
// Differs may say so although only a look at the whole one can tell.
func Differs(current, desired *batchv1.CronJob, stored string) bool {
	return !holds(current.Labels, desired.Labels) || !holds(current.Annotations, desired.Annotations) ||
		!sameSpec(current, desired, stored)
}

func sameSpec(current, desired *batchv1.CronJob, stored string) bool {
	now := StoredDigest(current)
	if now == digest(desired.Spec) || stored != "" && now == stored {
		return true
	}
	if IsStripped(current) {
		return false
	}
	return equality.Semantic.DeepEqual(current.Spec, desired.Spec) || holdsSpec(current.Spec, desired.Spec)
}

// StoredDigest is the digest of a CronJob's spec as the API server has it, also of a slim one.
func StoredDigest(c *batchv1.CronJob) string {
	if IsStripped(c) {
		return c.Annotations[digestAnnotation]
	}
	return digest(c.Spec)
}

func holds(all, part map[string]string) bool {
	for key, value := range part {
		if all[key] != value {
			return false
		}
	}
	return true
}
