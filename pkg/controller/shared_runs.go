package controller

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/report"
)

// A run whose pods share its reading is that of the pod with the index 0: its result, its progress and its obstacles
// are the run's. The other pods are helpers, without which the run only takes longer.

// isShared tells whether several pods share a run.
func isShared(job *batchv1.Job) bool {
	return job.Spec.CompletionMode != nil && *job.Spec.CompletionMode == batchv1.IndexedCompletion
}

// attempts is how many pods of a run have ended, helpers not counted.
func (o observation) attempts(job *batchv1.Job) int32 {
	if !isShared(job) {
		return job.Status.Failed + job.Status.Succeeded
	}
	good, bad := endedOf(o.pods[job.UID])
	return good + bad
}

// warningsOfHelpers name the helpers that failed.
func warningsOfHelpers(pods []corev1.Pod) (warnings []string) {
	for i := range pods {
		state := terminated(&pods[i])
		if state == nil {
			continue
		}
		result, err := report.Parse(state.Message)
		switch {
		case err == nil && result.Outcome == report.Failed:
			warnings = append(warnings, fmt.Sprintf("the pod %s could not help: %s", pods[i].Name, result.Message))
		case err != nil && state.ExitCode != 0:
			warnings = append(warnings, fmt.Sprintf("the pod %s could not help: it exited with code %d (%s)", pods[i].Name,
				state.ExitCode, state.Reason))
		}
	}
	return warnings
}
