package dashboard

import (
	"net/url"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// A restore is created only after its dry run has succeeded, and only by who typed the name of the run.
func TestARestoreShowsItsDryRunFirst(t *testing.T) {
	l := newLab(t)
	l.startController()
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "gone"}}
	ms.Spec.Task, ms.Spec.Schedule = "cleanup-orphaned-records", "0 3 1 1 *"
	if err := l.Client.Create(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	clustertest.Eventually(t, "the CronJob is made", func() (bool, string) {
		err := l.Client.Get(t.Context(), client.ObjectKeyFromObject(ms), &batchv1.CronJob{})
		return err == nil, ""
	})
	server := l.page(l.admin())
	restore := l.address("gone") + "/runs/gone-1"
	get(t, server, restore+"/restore").want(t, 200, "Show what would be restored", "The dry run has to succeed first",
		"<fieldset disabled>")
	post(t, server, restore+"/restore", url.Values{"confirm": {"gone-1"}}).want(t, 409, "First let a dry run show")

	if a := post(t, server, restore+"/dry-run", nil); a.status != 303 {
		t.Fatalf("it answers %+v", a)
	}
	job := l.jobOf("--dry-run")
	get(t, server, restore+"/restore").want(t, 200, job.Name, "is under way")
	post(t, server, restore+"/restore", url.Values{"confirm": {"gone-1"}}).want(t, 409, "First let a dry run show")
	l.complete(job)
	post(t, server, restore+"/restore", url.Values{"confirm": {"gone"}}).want(t, 409, "type the name of the run")
	if a := post(t, server, restore+"/restore", url.Values{"confirm": {"gone-1"}}); a.status != 303 {
		t.Fatalf("it answers %+v", a)
	}
	if args := strings.Join(l.jobOf("--run=gone-1").Spec.Template.Spec.Containers[0].Args, " "); !strings.HasPrefix(args,
		"restore --run=gone-1") {
		t.Errorf("the arguments are %s", args)
	}

	viewer := l.page(l.visitor("viewer", viewRule, rbacv1.PolicyRule{APIGroups: []string{"batch"},
		Resources: []string{"cronjobs", "jobs"}, Verbs: []string{"get"}}))
	other := l.address("gone") + "/runs/gone-2"
	get(t, viewer, other+"/restore").want(t, 200, "You need the right to create jobs.batch")
	post(t, viewer, other+"/dry-run", nil).want(t, 403, "cannot create resource")
}

func TestARestoreOfAScheduleWithoutACronJobSaysWhatToLookAt(t *testing.T) {
	l := newLab(t)
	l.create("stalled", nil)
	server := l.page(l.admin())
	get(t, server, l.address("stalled")+"/runs/stalled-1/restore").want(t, 409, "stalled has no CronJob",
		"kubectl maint list says what")
}

// jobOf waits for a Job whose arguments have that one, and which is the only one, or the one without a dry run.
func (l *lab) jobOf(argument string) (found batchv1.Job) {
	l.t.Helper()
	clustertest.Eventually(l.t, "a Job with "+argument, func() (bool, string) {
		var jobs batchv1.JobList
		if err := l.Client.List(l.t.Context(), &jobs, client.InNamespace(l.namespace)); err != nil {
			return false, err.Error()
		}
		for _, job := range jobs.Items {
			args := strings.Join(job.Spec.Template.Spec.Containers[0].Args, " ")
			if strings.Contains(args, argument) && (argument == "--dry-run") == strings.Contains(args, "--dry-run") {
				found = job
				return true, ""
			}
		}
		return false, "no such Job"
	})
	return found
}

// complete does what a kubelet and the Job controller would.
func (l *lab) complete(job batchv1.Job) {
	l.t.Helper()
	l.EndPod(l.t, l.PodOf(l.t, l.namespace, job.Name), 0, "")
	clustertest.Eventually(l.t, "the Job is complete", func() (bool, string) {
		if err := l.Client.Get(l.t.Context(), client.ObjectKeyFromObject(&job), &job); err != nil {
			return false, err.Error()
		}
		return job.Status.Succeeded > 0 && job.Status.CompletionTime != nil, job.Status.String()
	})
}
