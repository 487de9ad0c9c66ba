package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// What restore prints is a Job that the API server takes, that makes a pod, that is no run of the schedule, and whose
// command line maint-job understands: without a database it is the configuration that is wrong, not the usage.
func TestRestorePrintsAJobThatWorks(t *testing.T) {
	l := newLab(t)
	l.create("missing-files", func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Task = "cleanup-orphaned-records"
		ms.Spec.Database = &v1alpha1.DatabaseSpec{Name: "media"}
	})
	for name, flags := range map[string][]string{"for real": nil, "dry run": {"--dry-run"}} {
		t.Run(name, func(t *testing.T) {
			r := l.maint(append([]string{"restore", "missing-files", "--run=missing-files-29923904"}, flags...)...)
			r.want(t, 0, "kubectl apply -f -")
			var job batchv1.Job
			if err := yaml.UnmarshalStrict([]byte(r.out), &job); err != nil {
				t.Fatalf("it is no Job: %v\n%s", err, r.out)
			}
			if err := l.Client.Create(t.Context(), job.DeepCopy(), client.DryRunAll,
				client.FieldValidation("Strict")); err != nil {
				t.Fatalf("the API server's dry run: %v", err)
			}
			if err := l.Client.Create(t.Context(), &job); err != nil {
				t.Fatal(err)
			}
			pod := l.PodOf(t, l.namespace, job.Name)
			checkCommandLine(t, pod.Spec.Containers[0].Args)
			l.EndPod(t, pod, 0, "")
		})
	}
	if ms := l.schedule("missing-files"); len(ms.Status.Active)+len(ms.Status.History) > 0 {
		t.Errorf("the schedule takes a restore for a run of its own: %+v", ms.Status)
	}
}

// What took nothing has nothing to put back, and a name that is like a run's is probably that.
func TestRestoreOfARunThatTookNothingSaysSo(t *testing.T) {
	l := newLab(t)
	l.create("missing-files", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Task = "cleanup-orphaned-records" })
	ended := func(outcome report.Outcome, reason report.Reason, dryRun bool) string {
		before := l.schedule("missing-files").Status.LastRun
		l.maint("run", "missing-files").want(t, 0)
		l.EndPod(t, l.podOfRun("missing-files"), 0, message(outcome, reason, dryRun))
		ms := l.until("missing-files", "has another run", func(ms *v1alpha1.MaintenanceSchedule) bool {
			return ms.Status.LastRun != nil && (before == nil || ms.Status.LastRun.Run != before.Run)
		})
		return ms.Status.LastRun.Run
	}
	l.maint("restore", "missing-files", "--run", ended(report.Succeeded, "", true)).want(t, 1, "nothing to restore",
		"was a dry run")
	l.maint("restore", "missing-files", "--run", ended(report.Skipped, report.ReasonLocked, false)).want(t, 1,
		"nothing to restore", "ended as Skipped/Locked")
	real := ended(report.Succeeded, "", false)
	l.maint("restore", "missing-files", "--run", real).want(t, 0, "--run="+real)
	l.maint("restore", "missing-files", "--run", real[:len(real)-1]).want(t, 0, "did you mean "+real)
	l.maint("logs", "missing-files", "--run", real[:len(real)-1]).want(t, 1, "did you mean "+real)
	l.maint("restore", "missing-files", "--run", "an-older-one-29923904").want(t, 0, "--run=an-older-one-29923904")
}

func checkCommandLine(t *testing.T, args []string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "maint-job")
	build := exec.Command("go", "build", "-o", binary, "./cmd/maint-job")
	build.Dir = tooltest.Root()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build maint-job: %v\n%s", err, out)
	}
	job := exec.Command(binary, args...)
	job.Env = []string{}
	out, err := job.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != jobspec.ExitConfig {
		t.Errorf("maint-job %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
