package kubectlmaint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/schedulestatus"
)

// CronJob is the schedule's: what a pod of it needs stands there, and only there.
func (c *Cluster) CronJob(ctx context.Context, name string) (*batchv1.CronJob, error) {
	if _, err := c.Schedule(ctx, name); err != nil {
		return nil, err
	}
	found, err := c.kube.BatchV1().CronJobs(c.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, &NoCronJobError{Name: name}
	}
	if err != nil {
		return nil, explain("read the CronJob "+name, err)
	}
	return found, nil
}

// NothingToRestore says why a run took nothing that could be put back, as far as the history of the schedule tells; nil
// where it may have.
func NothingToRestore(ms *v1alpha1.MaintenanceSchedule, run string) error {
	i := slices.IndexFunc(ms.Status.History, func(known v1alpha1.RunSummary) bool { return known.Run == run })
	if i < 0 {
		return nil // the history holds the latest runs only, the journal holds more
	}
	summary := ms.Status.History[i]
	nothing := func(why string) error {
		return fmt.Errorf("the run %s took nothing: nothing to restore, since it %s", run, why)
	}
	switch outcome := report.Outcome(summary.Outcome); {
	case summary.DryRun:
		return nothing("was a dry run and changed nothing")
	case outcome == report.Skipped, outcome == report.Refused:
		return nothing(fmt.Sprintf("ended as %s and changed nothing", schedulestatus.Result(summary)))
	case ms.Spec.Task == jobspec.VerifyReferences:
		return nothing("was one of " + jobspec.VerifyReferences + ", which changes nothing")
	}
	return nil
}

// restoreTTL is how long the Job stays after its end, in seconds.
const restoreTTL = 24 * 60 * 60

// RestoreJob is pure: the Job that undoes a run, as the schedule's own runs are set up, but without their claims, which
// restore does not need. It is no run of the schedule, and the controller leaves it alone: nothing owns it.
func RestoreJob(from *batchv1.CronJob, run string, dryRun bool) (*batchv1.Job, error) {
	spec := from.Spec.JobTemplate.Spec.DeepCopy()
	container := runContainer(&spec.Template.Spec)
	if container == nil {
		return nil, fmt.Errorf("the CronJob %s has no container %s: is it a schedule's?",
			from.Name, cronjob.ContainerName)
	}
	if !slices.ContainsFunc(container.Env, func(e corev1.EnvVar) bool { return e.Name == jobspec.EnvMongoDBURI }) {
		return nil, fmt.Errorf("there is nothing to restore: the task of %s works on files only, "+
			"and only records are in the journal", from.Name)
	}
	container.Args = restoreArgs(container.Args, run, dryRun)
	container.Env = slices.DeleteFunc(container.Env, func(e corev1.EnvVar) bool {
		return e.Name != jobspec.EnvMongoDBURI && e.Name != jobspec.EnvRunID
	})
	dropClaims(&spec.Template.Spec, container)
	spec.Template.Labels = strangerLabels(spec.Template.Labels)
	spec.TTLSecondsAfterFinished = new(int32(restoreTTL))
	return &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Namespace: from.Namespace, Name: restoreName(from.Name, container.Args),
			Labels: maps.Clone(spec.Template.Labels)},
		Spec: *spec,
	}, nil
}

// strangerLabels leave out those by which a schedule's runs are known, and keep what a network policy may look for.
func strangerLabels(labels map[string]string) map[string]string {
	kept := maps.Clone(labels)
	delete(kept, v1alpha1.LabelSchedule)
	delete(kept, v1alpha1.LabelTask)
	return kept
}

// restoreArgs keep the database of the run, whose other flags restore does not have.
func restoreArgs(args []string, run string, dryRun bool) []string {
	restore := []string{"restore", "--run=" + run}
	for _, arg := range args {
		if strings.HasPrefix(arg, "--database=") {
			restore = append(restore, arg)
		}
	}
	if dryRun {
		restore = append(restore, "--dry-run")
	}
	return restore
}

func dropClaims(pod *corev1.PodSpec, container *corev1.Container) {
	claims := map[string]bool{}
	pod.Volumes = slices.DeleteFunc(pod.Volumes, func(v corev1.Volume) bool {
		claims[v.Name] = v.PersistentVolumeClaim != nil
		return claims[v.Name]
	})
	container.VolumeMounts = slices.DeleteFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool {
		return claims[m.Name]
	})
}

// restoreName is at most 63 characters, and another one for another run, or for a dry run.
func restoreName(schedule string, args []string) string {
	const most = 48
	sum := sha256.Sum256([]byte(strings.Join(args, "\x00")))
	return fmt.Sprintf("%s-restore-%s", strings.TrimRight(schedule[:min(len(schedule), most)], "-."),
		hex.EncodeToString(sum[:3]))
}

// NoCronJobError is about a schedule of which the controller could not make a CronJob.
type NoCronJobError struct{ Name string }

func (e *NoCronJobError) Error() string {
	return e.Name + " has no CronJob, from which the image and the Secret would be taken: " +
		"kubectl maint list says what is wrong with it"
}
