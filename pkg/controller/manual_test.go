package controller

import (
	"maps"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// kubectlsOwn is what `kubectl create job --from=cronjob/NAME` writes into the Job that it makes.
const kubectlsOwn = "cronjob.kubernetes.io/instantiate"

// A Job that somebody makes of the CronJob by hand is a run like any other, and its trigger says who wanted it. Seen to
// fail when kubectl's annotation was not looked at.
func TestAJobThatKubectlMakesOfTheCronJobIsAManualRun(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.SuspendAfterFailures = new(int32(1))
	l.create("nightly", spec)
	l.untilReady("nightly")
	first := l.createFromCronJob("nightly", 1)
	l.EndPod(t, l.PodOf(t, l.namespace, first), 78, message(report.Failed, report.ReasonConfiguration, "wrong"))
	l.ended("nightly", first)
	l.untilCondition("nightly", v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonTooManyFailures)

	job := l.createWithKubectl("nightly", "by-hand")
	l.EndPod(t, l.PodOf(t, l.namespace, job), 0, good())
	ms := l.ended("nightly", job)
	if run := ms.Status.LastRun; run.Trigger != v1alpha1.TriggerManual || run.Outcome != string(report.Succeeded) {
		t.Errorf("the run is %+v", run)
	}
	if ms.Status.LastSuccessfulTime == nil || ms.Status.ConsecutiveFailures != 0 {
		t.Errorf("it does not count: %+v", ms.Status)
	}
}

// The column DRY RUN of `kubectl get` tells a plan from a run, and lastRealRun keeps the run beside it. Seen to fail
// without the column.
func TestADryRunIsMarkedInTheTableThatKubectlPrints(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	real, pod := l.started("nightly", "run:1")
	l.EndPod(t, pod, 0, good())
	l.ended("nightly", real)
	if cell := l.cell("nightly", "DRY RUN"); cell != false {
		t.Errorf("of a run the cell is %v", cell)
	}
	plan, pod := l.started("nightly", "plan:2")
	l.EndPod(t, pod, 0, string(report.Result{SchemaVersion: report.SchemaVersion, Outcome: report.Succeeded,
		DryRun: true}.Termination()))
	ms := l.ended("nightly", plan)
	if cell := l.cell("nightly", "DRY RUN"); cell != true {
		t.Errorf("of a plan the cell is %v", cell)
	}
	if ms.Status.LastRealRun == nil || ms.Status.LastRealRun.Run != real {
		t.Errorf("beside the plan is %+v", ms.Status.LastRealRun)
	}
}

// createWithKubectl makes a Job as `kubectl create job --from` does.
func (l *lab) createWithKubectl(name, job string) string {
	l.t.Helper()
	owner := l.cronJob(name)
	annotations := maps.Clone(owner.Spec.JobTemplate.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[kubectlsOwn] = "manual"
	made := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: job, Labels: owner.Spec.JobTemplate.Labels,
			Annotations: annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner,
				batchv1.SchemeGroupVersion.WithKind("CronJob"))}},
		Spec: owner.Spec.JobTemplate.Spec,
	}
	must(l.t, l.Client.Create(l.t.Context(), made))
	return job
}

// cell is what the API server has kubectl print of a schedule in a column.
func (l *lab) cell(name, column string) any {
	l.t.Helper()
	config := rest.CopyConfig(l.Admin)
	config.GroupVersion, config.APIPath, config.NegotiatedSerializer = &v1alpha1.GroupVersion, "/apis",
		clientgoscheme.Codecs.WithoutConversion()
	direct, err := rest.RESTClientFor(config)
	must(l.t, err)
	var table metav1.Table
	must(l.t, direct.Get().Namespace(l.namespace).Resource("maintenanceschedules").Name(name).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(l.t.Context()).Into(&table))
	at := slices.IndexFunc(table.ColumnDefinitions, func(c metav1.TableColumnDefinition) bool { return c.Name == column })
	if at < 0 || len(table.Rows) != 1 {
		l.t.Fatalf("no column %s, or not one row: %+v", column, table)
	}
	return table.Rows[0].Cells[at]
}
