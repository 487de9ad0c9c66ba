package cronjob

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func sharedSpec(pods *int32) v1alpha1.MaintenanceScheduleSpec {
	return v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily", Parallelism: pods}
}

func resolved(t *testing.T, spec v1alpha1.MaintenanceScheduleSpec) *Resolved {
	t.Helper()
	r, err := Resolve(scheduleOf(spec), settings())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPodsThatShareARunAreAnIndexedJob(t *testing.T) {
	r := resolved(t, sharedSpec(new(int32(4))))
	for name, job := range map[string]batchv1.JobSpec{
		"of the CronJob": r.CronJob(false, time.Time{}).Spec.JobTemplate.Spec,
		"of run-now":     r.ManualJob("now", "1", false).Spec,
		"of a slot":      r.SlotJob(time.Unix(0, 0)).Spec,
	} {
		if job.CompletionMode == nil || *job.CompletionMode != batchv1.IndexedCompletion || *job.Completions != 4 ||
			*job.Parallelism != 4 {
			t.Errorf("the Job %s: %v, %v, %v", name, job.CompletionMode, job.Completions, job.Parallelism)
		}
		if policy := job.SuccessPolicy; policy == nil || *policy.Rules[0].SucceededIndexes != "0" {
			t.Errorf("the Job %s is complete with %v", name, policy)
		}
		if args := job.Template.Spec.Containers[0].Args; !slices.Contains(args, "--parallelism=4") {
			t.Errorf("the Job %s: %q", name, args)
		}
	}
	plan := r.ManualJob("plan", "1", true).Spec
	if plan.CompletionMode != nil || plan.SuccessPolicy != nil || plan.Completions != nil || plan.Parallelism != nil {
		t.Errorf("a dry run has %d pods", *plan.Completions)
	}
}

func TestOnePodIsTheJobThatItWas(t *testing.T) {
	want := resolved(t, sharedSpec(nil)).CronJob(false, time.Time{})
	if diff := cmp.Diff(want, resolved(t, sharedSpec(new(int32(1)))).CronJob(false, time.Time{})); diff != "" {
		t.Errorf("-none +1:\n%s", diff)
	}
	if job := want.Spec.JobTemplate.Spec; job.CompletionMode != nil || job.SuccessPolicy != nil ||
		job.Completions != nil || job.Parallelism != nil {
		t.Errorf("a Job of one pod: %+v", job)
	}
}

func TestOnlySomeRunsCanBeShared(t *testing.T) {
	spec := sharedSpec(new(int32(2)))
	spec.Task = jobspec.CleanupOldRecords
	_, err := Resolve(scheduleOf(spec), settings())
	if err == nil || !strings.Contains(err.Error(), "rebuild-all-counts and verify-references") {
		t.Errorf("got %v", err)
	}
}

func TestWhichPodsHelp(t *testing.T) {
	for index, want := range map[string]bool{"": false, "0": false, "1": true, "12": true} {
		pod := &corev1.Pod{}
		if index != "" {
			pod.ObjectMeta = metav1.ObjectMeta{Annotations: map[string]string{batchv1.JobCompletionIndexAnnotation: index}}
		}
		if Helps(pod) != want {
			t.Errorf("index %q helps: %t", index, !want)
		}
	}
}
