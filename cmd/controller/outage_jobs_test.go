package main

import (
	"fmt"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// begin makes a Job as kubectl does of a CronJob, which need not be there yet.
func (o *outage) begin() {
	o.t.Helper()
	var owner batchv1.CronJob
	if err := o.Client.Get(o.t.Context(), client.ObjectKey{Namespace: o.namespace, Name: "nightly"}, &owner); err != nil {
		o.note("no CronJob: %v", err)
		return
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: o.namespace, Name: fmt.Sprintf("nightly-%d",
		o.oracle.Begun()+1), Labels: owner.Spec.JobTemplate.Labels,
		Annotations: map[string]string{"cronjob.kubernetes.io/instantiate": "manual"},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(&owner,
			batchv1.SchemeGroupVersion.WithKind("CronJob"))}}, Spec: owner.Spec.JobTemplate.Spec}
	if err := o.Client.Create(o.t.Context(), job); err != nil {
		o.t.Fatal(err)
	}
	o.active = job.Name
	o.oracle.Begins(job.Name)
	o.note("%s begins", job.Name)
}

func (o *outage) end() {
	o.t.Helper()
	o.endPod(o.active)
	o.active = ""
}

// endPod ends the pod of a Job in one of the ways that are not tried again, and waits until Kubernetes says that the
// Job ended.
func (o *outage) endPod(name string) {
	o.t.Helper()
	outcome := []report.Outcome{report.Succeeded, report.Partial, report.Refused, report.Paused}[o.random.IntN(4)]
	result := report.Result{SchemaVersion: report.SchemaVersion, Outcome: outcome, Message: "so it was"}
	o.EndPod(o.t, o.PodOf(o.t, o.namespace, name), int32(result.ExitCode()), string(result.Termination()))
	o.oracle.Ends(name, outcome)
	clustertest.Eventually(o.t, "the Job "+name+" ends", func() (bool, string) {
		var job batchv1.Job
		err := o.Client.Get(o.t.Context(), client.ObjectKey{Namespace: o.namespace, Name: name}, &job)
		return apierrors.IsNotFound(err) || hasEnded(&job), fmt.Sprint(err, job.Status)
	})
	o.note("%s ends as %s", name, outcome)
}

func hasEnded(job *batchv1.Job) bool {
	for _, c := range job.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

// giveOrder gives an order of run-now, if the one before has become a Job.
func (o *outage) giveOrder() {
	o.t.Helper()
	if len(o.jobsOfOrders()) < o.orders() {
		return
	}
	o.order = fmt.Sprintf("run:%d", o.orders()+1)
	o.change(func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: o.order}
	})
	o.note("the order %s is given", o.order)
}

// orders is how many have been given.
func (o *outage) orders() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(o.order, "run:")) // none
	return n
}

// jobsOfOrders are the Jobs that run-now made.
func (o *outage) jobsOfOrders() (names []string) {
	o.t.Helper()
	for _, job := range o.jobs() {
		if job.Annotations[v1alpha1.AnnotationRunNow] != "" {
			names = append(names, job.Name)
		}
	}
	return names
}

func (o *outage) jobs() []batchv1.Job {
	o.t.Helper()
	var all batchv1.JobList
	if err := o.Client.List(o.t.Context(), &all, client.InNamespace(o.namespace)); err != nil {
		o.t.Fatal(err)
	}
	return all.Items
}

// endAll ends what is under way, and then each Job that an order makes.
func (o *outage) endAll() {
	o.t.Helper()
	if o.active != "" {
		o.end()
	}
	done := map[string]bool{}
	clustertest.Eventually(o.t, "each order has its Job", func() (bool, string) {
		for _, name := range o.jobsOfOrders() {
			if !done[name] {
				done[name] = true
				o.oracle.Begins(name)
				o.endPod(name)
			}
		}
		return len(done) >= o.orders(), strings.Join(o.log, "\n")
	})
}

// tellOfDeletions tells the oracle which Jobs Kubernetes deleted by the limits of the CronJob.
func (o *outage) tellOfDeletions() {
	o.t.Helper()
	there := map[string]bool{}
	for _, job := range o.jobs() {
		there[job.Name] = true
	}
	for _, name := range o.oracle.Kept() {
		if !there[name] {
			o.oracle.Loses(name)
		}
	}
}
