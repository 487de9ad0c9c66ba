package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// podOfCheck waits for the pod of the only check in the namespace.
func (l *lab) podOfCheck() *corev1.Pod {
	l.t.Helper()
	var found *corev1.Pod
	clustertest.Eventually(l.t, "the check has a pod", func() (bool, string) {
		var pods corev1.PodList
		err := l.Client.List(l.t.Context(), &pods, client.InNamespace(l.namespace))
		for i, pod := range pods.Items {
			if strings.Contains(pod.Name, "-check-") && pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodPending {
				found = &pods.Items[i]
			}
		}
		return found != nil, errorText(err)
	})
	return found
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// noJob waits until no Job of a check is left.
func (l *lab) noJob() {
	l.t.Helper()
	clustertest.Eventually(l.t, "the check's Job is removed", func() (bool, string) {
		var jobs batchv1.JobList
		err := l.Client.List(l.t.Context(), &jobs, client.InNamespace(l.namespace))
		return err == nil && len(jobs.Items) == 0, errorText(err)
	})
}

func (l *lab) createWithClaims() {
	l.create("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Database = &v1alpha1.DatabaseSpec{Name: "media"} })
	l.create("cache", func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Task = jobspec.CacheCleanup
		ms.Spec.Volumes = []v1alpha1.VolumeSpec{{ClaimName: "thumbs", MountPath: "/cache", Use: v1alpha1.UseCache}}
	})
}

// The Job is made as the runs are, prints what maint-job printed, exits as it did, and is gone afterwards.
func TestCheckRunsInTheClusterAsTheSchedulesRunsDo(t *testing.T) {
	l := newLab(t)
	node := l.node()
	l.createWithClaims()
	for name, c := range map[string]struct {
		args []string
		code int32
		want []string // the arguments of maint-job
	}{
		"one schedule": {[]string{"nightly"}, 0, []string{"check", "--database=media", "--output=text"}},
		"all of them": {nil, jobspec.ExitConfig, []string{"check", "--database=media", "--cache-dir=/cache",
			"--output=json"}},
	} {
		args := append([]string{"check"}, c.args...)
		if c.code != 0 {
			args = append(args, "-o", "json")
		}
		done := l.start(args...)
		pod := l.podOfCheck()
		container := pod.Spec.Containers[0]
		if diff := cmp.Diff(c.want, container.Args); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		mounted := slices.ContainsFunc(container.VolumeMounts,
			func(m corev1.VolumeMount) bool { return m.MountPath == "/cache" })
		if mounted != (len(c.args) == 0) || pod.Spec.ServiceAccountName != "maintenance-jobs" ||
			pod.Labels["app.kubernetes.io/name"] != "maint-job" {
			t.Errorf("%s: the pod is %+v %v", name, pod.Spec, pod.Labels)
		}
		l.bind(pod, node)
		l.EndPod(t, pod, c.code, "")
		(<-done).want(t, int(c.code), "/containerLogs/"+l.namespace+"/"+pod.Name+"/maint-job")
		l.noJob()
	}
	if ms := l.schedule("nightly"); len(ms.Status.Active)+len(ms.Status.History) > 0 {
		t.Errorf("the schedule takes a check for a run of its own: %+v", ms.Status)
	}
}

// What maint-job is started with is understood: without a database it is the configuration that is wrong, not the
// usage.
func TestTheCommandLineOfACheckIsMaintJobs(t *testing.T) {
	checkCommandLine(t, []string{"check", "--database=media", "--cache-dir=/cache", "--output=text"})
}

func TestACheckWhosePodCannotStartSaysWhy(t *testing.T) {
	l := newLab(t)
	l.createWithClaims()
	done := l.start("check")
	l.BlockPod(t, l.podOfCheck(), "CreateContainerConfigError", `secret "ucorefs-mongodb" not found`)
	(<-done).want(t, jobspec.ExitConfig, `secret "ucorefs-mongodb" not found`)
	l.noJob()
	l.maint("check", "--timeout=1s").want(t, jobspec.ExitTemporary, "longer than --timeout")
	l.noJob()
}

func TestACheckThatCannotBeMadeSaysWhatToDo(t *testing.T) {
	l := newLab(t)
	l.maint("check").want(t, 1, "helm test checks the chart's values")
	l.createWithClaims()
	l.create("films", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Database = &v1alpha1.DatabaseSpec{SecretName: "films"} })
	l.maint("check").want(t, 1, "use different databases", "kubectl maint check NAME")
	l.maint("check", "cache").want(t, 1, "a task that uses the database")
	l.maint("check", "nihgtly").want(t, 1, "did you mean nightly")
	l.maint("check", "a", "b").want(t, 64)
	l.maint("check", "-o", "xml").want(t, 64, "write text or json")
}

// A check needs what the documents say, and no more.
func TestACheckNeedsTheRightsThatAreDocumented(t *testing.T) {
	l := newLab(t)
	node := l.node()
	l.createWithClaims()
	user := "checker-of-" + l.namespace
	l.grant(user, []rbacv1.PolicyRule{
		{APIGroups: []string{v1alpha1.Group}, Resources: []string{"maintenanceschedules"}, Verbs: []string{"get"}},
		{APIGroups: []string{"batch"}, Resources: []string{"cronjobs"}, Verbs: []string{"get", "list"}},
		{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: []string{"create", "delete"}},
		{APIGroups: []string{""}, Resources: []string{"pods", "pods/log"}, Verbs: []string{"get", "list", "watch"}},
	})
	l.kubeconfig = l.Kubeconfig(t, user)
	done := l.start("check")
	pod := l.podOfCheck()
	l.bind(pod, node)
	l.EndPod(t, pod, 0, "")
	(<-done).want(t, 0)
	l.noJob()
}

// grant gives a user a role in the lab's namespace.
func (l *lab) grant(user string, rules []rbacv1.PolicyRule) {
	l.t.Helper()
	meta := metav1.ObjectMeta{Namespace: l.namespace, Name: user}
	for _, o := range []client.Object{
		&rbacv1.Role{ObjectMeta: meta, Rules: rules},
		&rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
			Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: user}}},
	} {
		if err := l.Client.Create(l.t.Context(), o); err != nil {
			l.t.Fatal(err)
		}
	}
}
