package kubectlmaint

import (
	"encoding/json"
	"fmt"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// RunNowPatch asks for one run. The value says itself whether it only plans. The old annotation says so once more, for
// a controller of the version before, to which the value alone would be a real run.
func RunNowPatch(value string, dryRun bool) []byte {
	annotations := map[string]any{v1alpha1.AnnotationRunNow: value, v1alpha1.AnnotationRunNowDryRun: nil}
	if dryRun {
		annotations[v1alpha1.AnnotationRunNowDryRun] = "true"
	}
	return merge(annotations, nil)
}

// forgetDryRunPatch removes the word of a dry run that has ended, if the schedule still has that version.
func forgetDryRunPatch(version string) []byte {
	b, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": version, "annotations": map[string]any{v1alpha1.AnnotationRunNowDryRun: nil}}})
	if err != nil { // it holds texts only
		panic(fmt.Sprintf("kubectlmaint: marshal a patch: %v", err))
	}
	return b
}

// withdrawPatch takes a request back, if the schedule still has that version.
func withdrawPatch(version string) []byte {
	b, err := json.Marshal(map[string]any{"metadata": map[string]any{"resourceVersion": version,
		"annotations": map[string]any{
			v1alpha1.AnnotationRunNow: nil, v1alpha1.AnnotationRunNowDryRun: nil}}})
	if err != nil { // it holds texts only
		panic(fmt.Sprintf("kubectlmaint: marshal a patch: %v", err))
	}
	return b
}

// SuspendPatch stops the scheduled runs and says why; an empty reason removes an older one.
func SuspendPatch(reason string) []byte {
	var text any
	if reason != "" {
		text = reason
	}
	return merge(map[string]any{v1alpha1.AnnotationSuspendReason: text}, map[string]any{"suspend": true})
}

// ResumePatch undoes it.
func ResumePatch() []byte {
	return merge(map[string]any{v1alpha1.AnnotationSuspendReason: nil}, map[string]any{"suspend": false})
}

// ThrottlePatch has a throttle take the place of the spec's; an empty one removes it.
func ThrottlePatch(throttle v1alpha1.Throttle) []byte {
	var value any
	if throttle != "" {
		value = throttle
	}
	return merge(map[string]any{v1alpha1.AnnotationThrottle: value}, nil)
}

// merge is a JSON merge patch, in which null removes.
func merge(annotations, spec map[string]any) []byte {
	patch := map[string]any{}
	if annotations != nil {
		patch["metadata"] = map[string]any{"annotations": annotations}
	}
	if spec != nil {
		patch["spec"] = spec
	}
	b, err := json.Marshal(patch)
	if err != nil { // it holds texts and booleans only, in maps
		panic(fmt.Sprintf("kubectlmaint: marshal a patch: %v", err))
	}
	return b
}
