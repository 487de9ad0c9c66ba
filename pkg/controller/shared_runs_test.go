package controller

import (
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// sharedJob is a Job of four pods that ended.
func sharedJob(kind batchv1.JobConditionType, good, bad int32) *batchv1.Job {
	job := endedJob(kind, "")
	job.Spec.CompletionMode = new(batchv1.IndexedCompletion)
	job.Status.Succeeded, job.Status.Failed = good, bad
	return job
}

// indexed is a pod with an index that left a result.
func indexed(name, index string, outcome report.Outcome, message string, code int32) corev1.Pod {
	text := report.Result{SchemaVersion: report.SchemaVersion, Outcome: outcome, Message: message}.Termination()
	pod := endedPod(string(text), code)
	pod.Name, pod.Annotations = name, map[string]string{batchv1.JobCompletionIndexAnnotation: index}
	return pod
}

// sees is what the controller sees of pods that were made one after the other.
func sees(job *batchv1.Job, pods ...corev1.Pod) observation {
	seen := observation{now: noon, pods: map[types.UID][]corev1.Pod{}, helpers: map[types.UID][]corev1.Pod{}}
	for i, pod := range pods {
		pod.CreationTimestamp = metav1.NewTime(noon.Add(time.Duration(i) * time.Second))
		seen.addPod(job.UID, pod)
	}
	return seen
}

// Seen to fail with the result of a helper where the pods were not told apart.
func TestTheResultOfASharedRunIsThatOfThePodThatLeads(t *testing.T) {
	job := sharedJob(batchv1.JobComplete, 3, 1)
	result, known := sees(job,
		indexed("p-1", "1", report.Succeeded, "helped", 0), indexed("p-0-a", "0", report.Failed, "interrupted", 75),
		indexed("p-0-b", "0", report.Succeeded, "counted", 0), indexed("p-2", "2", report.Failed, "no memory", 0),
	).resultOf(job)
	switch {
	case !known:
		t.Fatal("there is no result")
	case result.Outcome != string(report.Succeeded) || result.Message != "counted":
		t.Errorf("%s: %s", result.Outcome, result.Message)
	case result.Attempts != 2:
		t.Errorf("%d attempts", result.Attempts)
	case !slices.Equal(result.Warnings, []string{"the pod p-2 could not help: no memory"}):
		t.Errorf("warnings %q", result.Warnings)
	}
}

func TestASharedRunHasNoResultBeforeThePodThatLeadsHas(t *testing.T) {
	complete, failed := sharedJob(batchv1.JobComplete, 4, 0), sharedJob(batchv1.JobFailed, 1, 2)
	helper, leader := indexed("p-1", "1", report.Succeeded, "helped", 0), indexed("p-0", "0", report.Failed, "wrong", 75)
	if _, known := sees(complete, helper).resultOf(complete); known {
		t.Error("a helper ends the run")
	}
	if _, known := sees(failed, helper, leader).resultOf(failed); known {
		t.Error("one attempt of two ends the run")
	}
	if result, known := sees(failed, helper, leader, indexed("p-0-b", "0", report.Failed, "wrong again",
		75)).resultOf(failed); !known || result.Attempts != 2 {
		t.Errorf("known: %t, %d attempts", known, result.Attempts)
	}
}

func TestTheThrottleOfASharedRunIsThatOfAllItsPods(t *testing.T) {
	job := sharedJob(batchv1.JobComplete, 0, 0)
	job.Status.Conditions = nil
	var pods []corev1.Pod
	for _, index := range []string{"0", "1", "2"} {
		pod := indexed("p-"+index, index, report.Succeeded, "", 0)
		pod.Status.Phase = corev1.PodRunning
		pod.Annotations[v1alpha1.AnnotationThrottle] = string(v1alpha1.ThrottleLow)
		pod.Spec.Containers = []corev1.Container{{Name: cronjob.ContainerName,
			Args: []string{"run", "--throttle-file=/throttle/throttle"}}}
		pods = append(pods, pod)
	}
	seen := sees(job, pods...)
	seen.jobs = []batchv1.Job{*job}
	ms := &v1alpha1.MaintenanceSchedule{Spec: v1alpha1.MaintenanceScheduleSpec{
		Task: jobspec.VerifyReferences, Schedule: "@daily", Throttle: v1alpha1.ThrottleOff, Parallelism: new(int32(3)),
	}}
	resolved, err := cronjob.Resolve(ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	if changed := decideThrottle(seen, resolved).pods; len(changed) != len(pods) {
		t.Errorf("%d of %d pods are told", len(changed), len(pods))
	}
}
