package kubectlmaint

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// cronJobOf is the CronJob of a schedule with these volumes of its own.
func cronJobOf(t *testing.T, name, task string, volumes ...v1alpha1.VolumeSpec) batchv1.CronJob {
	t.Helper()
	ms := made(name, task, "", "", func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Schedule,
			ms.Spec.Volumes = "5 2 * * 0", volumes
	})
	resolved, err := cronjob.Resolve(&ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	return *resolved.CronJob(false, time.Time{})
}

func TestACheckHasTheFoldersOfAllSchedules(t *testing.T) {
	volume := func(claim, path string, use v1alpha1.VolumeUse) v1alpha1.VolumeSpec {
		return v1alpha1.VolumeSpec{ClaimName: claim, MountPath: path, Use: use}
	}
	job, err := CheckJob([]batchv1.CronJob{
		cronJobOf(t, "cache", jobspec.CacheCleanup, volume("thumbs", "/cache/thumbs", v1alpha1.UseCache)),
		cronJobOf(t, "gone", jobspec.CleanupOrphanedFileRecords, volume("photos", "/library", v1alpha1.UseLibrary)),
		cronJobOf(t, "gone-again", jobspec.CleanupOrphanedFileRecords, volume("photos", "/library", v1alpha1.UseLibrary)),
	}, Checking{Output: "text", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "check.yaml", string(text))
}

func TestACheckSpeaksOfOneSetOfFolders(t *testing.T) {
	logs := func(name, claim, path string) batchv1.CronJob {
		return cronJobOf(t, name, jobspec.LogRotation, v1alpha1.VolumeSpec{ClaimName: claim, MountPath: path,
			Use: v1alpha1.UseLogs})
	}
	mapped := func(name, to string) batchv1.CronJob {
		c := cronJobOf(t, name, jobspec.CleanupOrphanedFileRecords, v1alpha1.VolumeSpec{ClaimName: "photos",
			MountPath: "/library", Use: v1alpha1.UseLibrary})
		container := runContainer(&c.Spec.JobTemplate.Spec.Template.Spec)
		container.Args = append(container.Args, "--path-map=D:/Photos="+to)
		return c
	}
	for name, c := range map[string]struct {
		second batchv1.CronJob
		says   string
	}{
		"another folder for logs": {logs("b", "other", "/logs/b"),
			"verify and b have different folders for --log-dir: name the one to check"},
		"another volume at one place": {logs("b", "other", "/logs"), "verify and b have different volumes at /logs"},
		"another place of one path": {mapped("b", "/library/b"),
			"verify and b have different folders for --path-map=D:/Photos: name the one"},
		"the same path map": {mapped("b", "/library/a"), ""},
		"the same again":    {logs("b", "logs", "/logs"), ""},
	} {
		_, err := CheckJob([]batchv1.CronJob{cronJobOf(t, "verify", jobspec.VerifyReferences), logs("a", "logs", "/logs"),
			mapped("gone", "/library/a"), c.second}, Checking{Output: "text", Timeout: time.Minute})
		if got := errorText(err); !strings.Contains(got, c.says) || (err == nil) != (c.says == "") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAPodSaysHowFarItIs(t *testing.T) {
	waiting := func(reason string) corev1.PodStatus {
		return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "because"}}}}}
	}
	for name, c := range map[string]struct {
		status corev1.PodStatus
		want   podState
	}{
		"it is being made": {waiting("ContainerCreating"), podState{word: "the check waits for its pod"}},
		"its image is not there": {waiting("ImagePullBackOff"),
			podState{word: "the pod p cannot start (ImagePullBackOff): because", blocked: true}},
		"its Secret is not there": {waiting("CreateContainerConfigError"),
			podState{word: "the pod p cannot start (CreateContainerConfigError): because", blocked: true, permanent: true}},
		"no node takes it": {corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled,
			Status: corev1.ConditionFalse, Message: "no memory"}}},
			podState{word: "no node takes the pod p: no memory", blocked: true}},
		"it ended": {corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 78}}}}},
			podState{ended: true, exitCode: 78}},
	} {
		pod := &corev1.Pod{Status: c.status}
		pod.Name = "p"
		if diff := cmp.Diff(c.want, stateOf(pod), cmp.AllowUnexported(podState{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
