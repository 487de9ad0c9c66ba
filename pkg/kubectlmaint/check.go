package kubectlmaint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// checkTTL is when Kubernetes removes the Job, in seconds after its end, if the plugin was killed before it could.
const checkTTL = 10 * 60

// errNoDatabase is about schedules of which none has a connection string.
var errNoDatabase = errors.New("check needs a connection string, " +
	"and no schedule here has both a CronJob and a task that uses the database: " +
	"kubectl maint list shows what is wrong with a schedule; before the first schedule, " +
	"helm test checks the chart's values")

// Checking is how a check runs.
type Checking struct {
	Output  string // text or json
	Timeout time.Duration
}

// CheckJob is pure: the Job that runs `maint-job check` as the runs of these CronJobs are set up, with their database,
// their service account and all their claims. The CronJobs must use one database, and one volume at each path. The Job
// is no run of a schedule: nothing owns it, and the controller ignores it.
func CheckJob(from []batchv1.CronJob, how Checking) (*batchv1.Job, error) {
	first := slices.IndexFunc(from, func(c batchv1.CronJob) bool { return databaseOf(&c) != "" })
	if first < 0 {
		return nil, errNoDatabase
	}
	model := &from[first]
	spec := model.Spec.JobTemplate.Spec.DeepCopy()
	container := runContainer(&spec.Template.Spec)
	args := checkArgs(container)
	for i := range from {
		if err := addFolders(&spec.Template.Spec, &args, &from[i]); err != nil || !sameDatabase(model, &from[i]) {
			return nil, &AmbiguousError{model.Name, from[i].Name, err}
		}
	}
	container.Args = append(append([]string{"check"}, args...), "--output="+how.Output)
	spec.PodFailurePolicy, spec.BackoffLimit = nil, new(int32(0))
	spec.ActiveDeadlineSeconds = new(int64((how.Timeout + removal) / time.Second))
	spec.TTLSecondsAfterFinished = new(int32(checkTTL))
	spec.Template.Labels = strangerLabels(spec.Template.Labels)
	return &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Namespace: model.Namespace, GenerateName: model.Name + "-check-",
			Labels: strangerLabels(spec.Template.Labels)},
		Spec: *spec,
	}, nil
}

// AmbiguousError is about two schedules that one check cannot speak of.
type AmbiguousError struct {
	First, Second string
	Cause         error // nil: their databases differ
}

func (e *AmbiguousError) Error() string {
	why := "use different databases or declarations"
	if e.Cause != nil {
		why = e.Cause.Error()
	}
	return fmt.Sprintf("the schedules %s and %s %s: name the one to check, kubectl maint check NAME",
		e.First, e.Second, why)
}

// runContainer is the container of a run; nil where the pod is not a run's.
func runContainer(pod *corev1.PodSpec) *corev1.Container {
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == cronjob.ContainerName })
	if i < 0 {
		return nil
	}
	return &pod.Containers[i]
}

// databaseOf names the Secret, the database and the declaration of a schedule's runs; empty where they use no database.
func databaseOf(c *batchv1.CronJob) string {
	container := runContainer(&c.Spec.JobTemplate.Spec.Template.Spec)
	if container == nil {
		return ""
	}
	i := slices.IndexFunc(container.Env, func(e corev1.EnvVar) bool { return e.Name == jobspec.EnvMongoDBURI })
	if i < 0 || container.Env[i].ValueFrom == nil || container.Env[i].ValueFrom.SecretKeyRef == nil {
		return ""
	}
	secret := container.Env[i].ValueFrom.SecretKeyRef
	words := append([]string{secret.Name, secret.Key}, flagsOf(container, "database", "library")...)
	for _, v := range c.Spec.JobTemplate.Spec.Template.Spec.Volumes {
		if v.ConfigMap != nil { // the declaration
			words = append(words, v.ConfigMap.Name)
		}
	}
	return strings.Join(words, " ")
}

func sameDatabase(a, b *batchv1.CronJob) bool {
	other := databaseOf(b)
	return other == "" || other == databaseOf(a)
}

// folderFlags are those that every schedule adds.
var folderFlags = []string{"library-root", "cache-dir", "log-dir", "index-dir", "path-map"}

// once is what an argument may be given only once for: the flag, or the flag and the folder that a path map is for;
// empty where there may be several.
func once(arg string) string {
	flag, value, _ := strings.Cut(arg, "=")
	switch flag {
	case "--log-dir", "--index-dir":
		return flag + "="
	case "--path-map":
		from, _, _ := strings.Cut(value, "=")
		return flag + "=" + from + "="
	}
	return ""
}

// checkArgs are the flags of a run that check has, too.
func checkArgs(container *corev1.Container) []string {
	return flagsOf(container, append([]string{"database", "library"}, folderFlags...)...)
}

// flagsOf are the arguments that set one of these flags.
func flagsOf(container *corev1.Container, names ...string) (args []string) {
	for _, arg := range container.Args {
		flag, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if slices.Contains(names, flag) {
			args = append(args, arg)
		}
	}
	return args
}

// addFolders adds the folders of another schedule's runs, and their claims. The error says how they exclude those that
// are there.
func addFolders(pod *corev1.PodSpec, args *[]string, from *batchv1.CronJob) error {
	other := from.Spec.JobTemplate.Spec.Template.Spec.DeepCopy()
	container := runContainer(other)
	if container == nil {
		return nil
	}
	for _, arg := range flagsOf(container, folderFlags...) {
		only := once(arg)
		switch {
		case slices.Contains(*args, arg):
		case only != "" && slices.ContainsFunc(*args, func(a string) bool { return strings.HasPrefix(a, only) }):
			return fmt.Errorf("have different folders for %s", strings.TrimSuffix(only, "="))
		default:
			*args = append(*args, arg)
		}
	}
	for _, mount := range container.VolumeMounts {
		if claim := claimOf(other, mount.Name); claim != "" {
			if err := addMount(pod, claim, mount); err != nil {
				return err
			}
		}
	}
	addFSGroup(pod.SecurityContext, other.SecurityContext)
	return nil
}

// addFSGroup has the claims belong to the group that they belong to in another schedule's runs: a check changes no
// claim that a run would not change in the same way.
func addFSGroup(context, other *corev1.PodSecurityContext) {
	if context != nil && other != nil && context.FSGroup == nil {
		context.FSGroup, context.FSGroupChangePolicy = other.FSGroup, other.FSGroupChangePolicy
	}
}

// claimOf is the claim of a pod's volume; empty where the volume is of another kind.
func claimOf(pod *corev1.PodSpec, volume string) string {
	for _, v := range pod.Volumes {
		if v.Name == volume && v.PersistentVolumeClaim != nil {
			return v.PersistentVolumeClaim.ClaimName
		}
	}
	return ""
}

// addMount mounts a claim where the pod has nothing yet.
func addMount(pod *corev1.PodSpec, claim string, mount corev1.VolumeMount) error {
	container := runContainer(pod)
	for _, m := range container.VolumeMounts {
		if m.MountPath == mount.MountPath {
			if claimOf(pod, m.Name) != claim || m.SubPath != mount.SubPath {
				return fmt.Errorf("have different volumes at %s", m.MountPath)
			}
			return nil
		}
	}
	i := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return claimOf(pod, v.Name) == claim })
	if i < 0 {
		i = len(pod.Volumes)
		pod.Volumes = append(pod.Volumes,
			corev1.Volume{Name: fmt.Sprintf("check-%d", i), VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim, ReadOnly: true}}})
	}
	source := pod.Volumes[i].PersistentVolumeClaim
	source.ReadOnly = source.ReadOnly && mount.ReadOnly
	mount.Name = pod.Volumes[i].Name
	container.VolumeMounts = append(container.VolumeMounts, mount)
	return nil
}
