package controller

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/report"
)

// begin makes a Job as the CronJob controller would, which no Job controller looks after.
func (s *scenario) begin() {
	s.t.Helper()
	owner := s.lab.cronJob("nightly")
	if owner == nil {
		return
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: s.lab.namespace, Name: fmt.Sprintf("nightly-%d",
		s.oracle.Begun()+1), Labels: owner.Spec.JobTemplate.Labels,
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner,
			batchv1.SchemeGroupVersion.WithKind("CronJob"))}}, Spec: owner.Spec.JobTemplate.Spec}
	job.Spec.ManagedBy = new("example.com/the-test")
	must(s.t, s.lab.Client.Create(s.t.Context(), job))
	job.Status.StartTime, job.Status.Active = new(metav1.NewTime(s.clock.read().Truncate(time.Second))), 1
	must(s.t, s.lab.Client.Status().Update(s.t.Context(), job))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.lab.namespace, Name: job.Name + "-pod",
		Labels:          map[string]string{batchv1.JobNameLabel: job.Name},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}},
		Spec: job.Spec.Template.Spec}
	for name, value := range owner.Spec.JobTemplate.Labels {
		pod.Labels[name] = value
	}
	must(s.t, s.lab.Client.Create(s.t.Context(), pod))
	s.active = job.Name
	s.oracle.Begins(job.Name)
	s.note("%s begins", job.Name)
}

// end ends the pod that is under way with any outcome, and then its Job.
func (s *scenario) end() {
	s.t.Helper()
	s.clock.pass(time.Second)
	name := s.active
	outcome := []report.Outcome{report.Succeeded, report.Partial, report.Failed, report.Skipped}[s.random.IntN(4)]
	result := report.Result{SchemaVersion: report.SchemaVersion, Outcome: outcome, Reason: report.ReasonLocked,
		Message: "so it was"}
	s.good[name] = result.ExitCode() == 0
	s.makeRoom(s.good[name])
	var pod corev1.Pod
	must(s.t, s.lab.Client.Get(s.t.Context(), client.ObjectKey{Namespace: s.lab.namespace, Name: name + "-pod"}, &pod))
	s.lab.EndPod(s.t, &pod, int32(result.ExitCode()), string(result.Termination()))
	var job batchv1.Job
	must(s.t, s.lab.Client.Get(s.t.Context(), client.ObjectKey{Namespace: s.lab.namespace, Name: name}, &job))
	now := metav1.NewTime(s.clock.read().Truncate(time.Second))
	kinds := []batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet, batchv1.JobComplete}
	job.Status.Active = 0
	if result.ExitCode() == 0 {
		job.Status.CompletionTime, job.Status.Succeeded = &now, 1
	} else {
		job.Status.Failed, kinds = 1, []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobFailed}
	}
	for _, kind := range kinds {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue,
			Reason: "Test", LastTransitionTime: now})
	}
	must(s.t, s.lab.Client.Status().Update(s.t.Context(), &job))
	s.active = ""
	s.oracle.Ends(name, outcome)
	s.note("%s ends as %s", name, outcome)
}

// makeRoom deletes, before the CronJob controller does at a time of its own, what is beyond the limit when one more Job
// ends.
func (s *scenario) makeRoom(good bool) {
	s.t.Helper()
	var like []string
	for _, name := range s.oracle.Kept() {
		if s.good[name] == good {
			like = append(like, name)
		}
	}
	if len(like) >= keptBy(s.lab.cronJob("nightly").Spec.SuccessfulJobsHistoryLimit, 3) { // of both kinds it is the same
		s.deleteJob(like[0])
	}
}

// delete removes the oldest Job that ended.
func (s *scenario) delete() {
	s.t.Helper()
	if kept := s.oracle.Kept(); len(kept) > 0 {
		s.deleteJob(kept[0])
	}
}

// deleteJob removes a Job with its pod, as history limits do.
func (s *scenario) deleteJob(name string) {
	s.t.Helper()
	for _, o := range []client.Object{&batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name}},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name + "-pod"}}} {
		o.SetNamespace(s.lab.namespace)
		must(s.t, client.IgnoreNotFound(s.lab.Client.Delete(s.t.Context(), o,
			client.PropagationPolicy(metav1.DeletePropagationBackground), client.GracePeriodSeconds(0))))
	}
	s.oracle.Loses(name)
	s.note("%s is deleted", name)
}
