package cronjob

import batchv1 "k8s.io/api/batch/v1"

// digestAnnotation is on a stripped CronJob the digest of the spec that it had. It exists in memory only.
const digestAnnotation = "maintenance.ucorefs.io/in-memory-digest"

// Strip takes the Job's template, by far the largest part, out of a CronJob, so that many fit into a cache; Differs
// still works. It must not be written back.
func Strip(c *batchv1.CronJob) {
	if IsStripped(c) {
		return
	}
	annotations := map[string]string{digestAnnotation: digest(c.Spec)}
	for key, value := range c.Annotations {
		annotations[key] = value
	}
	c.Annotations, c.Spec.JobTemplate = annotations, batchv1.JobTemplateSpec{}
}

// IsStripped tells whether Strip took something out of c.
func IsStripped(c *batchv1.CronJob) bool { return c.Annotations[digestAnnotation] != "" }
