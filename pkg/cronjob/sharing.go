package cronjob

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// share makes the Job an Indexed one where several pods share a run. A dry run writes nothing, so that pods could not
// tell each other anything: one plans it alone. The Job is complete with the pod that leads: a helper that no node has
// room for must not keep it from that.
func (r *Resolved) share(spec *batchv1.JobSpec) {
	if r.options.Parallelism <= 1 || r.options.DryRun {
		return
	}
	spec.CompletionMode = new(batchv1.IndexedCompletion)
	spec.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededIndexes: new("0")}}}
	spec.Completions, spec.Parallelism = new(int32(r.options.Parallelism)), new(int32(r.options.Parallelism))
}

// Helps tells whether a pod helps another one with a run, so that the run is none of its: it has an index other than 0.
func Helps(pod *corev1.Pod) bool {
	index, indexed := pod.Annotations[batchv1.JobCompletionIndexAnnotation]
	return indexed && index != "0"
}
