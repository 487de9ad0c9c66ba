package cronjob

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// ContainerName is the container of the runs' pods; the pod failure policy and whoever reads a result look for it.
const ContainerName = "maint-job"

// podSpec passes Pod Security "restricted", and names what the API server would default.
func (r *Resolved) podSpec() corev1.PodSpec {
	spec := corev1.PodSpec{
		RestartPolicy:                 corev1.RestartPolicyNever, // the pod failure policy needs it
		TerminationGracePeriodSeconds: new(int64(corev1.DefaultTerminationGracePeriodSeconds)),
		DNSPolicy:                     corev1.DNSClusterFirst,
		SchedulerName:                 corev1.DefaultSchedulerName,
		ServiceAccountName:            r.settings.ServiceAccount,
		DeprecatedServiceAccount:      r.settings.ServiceAccount,
		AutomountServiceAccountToken:  new(false), // the job never talks to the Kubernetes API
		EnableServiceLinks:            new(false),
		HostUsers:                     r.settings.HostUsers,
		PriorityClassName:             r.priorityClass(),
		SecurityContext:               r.securityContext(),
		Containers:                    []corev1.Container{r.container()},
		Volumes:                       r.podVolumes(),
		Affinity:                      r.affinity(),
	}
	if job := r.owner.Spec.Job; job != nil {
		spec.NodeSelector, spec.Tolerations = job.NodeSelector, job.Tolerations
	}
	return spec
}

func (r *Resolved) priorityClass() string {
	switch r.owner.Spec.Priority {
	case v1alpha1.PriorityHigh:
		return r.settings.HighPriorityClass
	case v1alpha1.PriorityNormal:
		return r.settings.NormalPriorityClass
	}
	return r.settings.LowPriorityClass
}

func (r *Resolved) container() corev1.Container {
	return corev1.Container{
		Name:                     ContainerName,
		Image:                    r.settings.Image,
		ImagePullPolicy:          r.settings.PullPolicy,
		Args:                     literal(r.options.Args()),
		Env:                      r.env(),
		Ports:                    r.ports(),
		Resources:                r.resources(),
		VolumeMounts:             r.mounts(),
		TerminationMessagePath:   corev1.TerminationMessagePathDefault,
		TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false),
			ReadOnlyRootFilesystem:   new(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

func (r *Resolved) ports() []corev1.ContainerPort {
	if r.settings.ProgressPort == 0 {
		return nil
	}
	return []corev1.ContainerPort{{Name: "progress", ContainerPort: r.settings.ProgressPort,
		Protocol: corev1.ProtocolTCP}}
}

// literal keeps the kubelet from replacing $(NAME) in arguments: whoever writes a schedule could have $(MONGODB_URI)
// sent to an address of their choice.
func literal(args []string) []string {
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "$", "$$")
	}
	return args
}

// env gives the job its run's name, which is the Job's, and the connection string, which nothing else may hold.
func (r *Resolved) env() []corev1.EnvVar {
	env := []corev1.EnvVar{{
		Name: jobspec.EnvRunID,
		ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{
			APIVersion: "v1", FieldPath: "metadata.labels['batch.kubernetes.io/job-name']",
		}},
	}}
	if !r.Task.Database {
		return env
	}
	return append(env, corev1.EnvVar{
		Name: jobspec.EnvMongoDBURI,
		ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: r.database.SecretName},
			Key:                  r.database.SecretKey,
		}},
	})
}

func (r *Resolved) resources() corev1.ResourceRequirements {
	merged := corev1.ResourceRequirements{
		Requests: merge(r.settings.Resources.Requests),
		Limits:   merge(r.settings.Resources.Limits),
	}
	if job := r.owner.Spec.Job; job != nil && job.Resources != nil {
		merged.Requests = merge(merged.Requests, job.Resources.Requests)
		merged.Limits = merge(merged.Limits, job.Resources.Limits)
	}
	return merged
}

// merge is all lists as one; later ones win. It is nil where they hold nothing, as the API server stores it.
func merge(lists ...corev1.ResourceList) corev1.ResourceList {
	var all corev1.ResourceList
	for _, list := range lists {
		for name, quantity := range list {
			if all == nil {
				all = corev1.ResourceList{}
			}
			all[name] = quantity
		}
	}
	return all
}

// Where the pods see the declaration of a library, and the key of its ConfigMap.
const (
	libraryDir = "/etc/maintenance"
	libraryKey = "library.yaml"
)

// Where the pods see certificates, and where MongoDB's driver looks for a token of the service account.
const (
	tlsDir   = "/etc/mongodb-tls"
	tokenDir = "/var/run/secrets/kubernetes.io/serviceaccount"
)

// tokenLifetime is how long a token is valid, in seconds; the kubelet replaces it before that.
const tokenLifetime = 3600

// credentials are what the connection string speaks of and does not hold.
func (r *Resolved) credentials() (volumes []corev1.Volume) {
	if name := r.database.TLSSecretName; name != "" {
		volumes = append(volumes, corev1.Volume{Name: "tls",
			VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{
				SecretName:  name,
				DefaultMode: new(corev1.SecretVolumeSourceDefaultMode),
				Optional:    new(true), // as with the declaration: the job says what is missing
			}}})
	}
	if audience := r.database.TokenAudience; audience != "" {
		volumes = append(volumes, corev1.Volume{Name: "token",
			VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
				DefaultMode: new(corev1.ProjectedVolumeSourceDefaultMode),
				Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{
					Audience: audience, ExpirationSeconds: new(int64(tokenLifetime)), Path: "token",
				}}},
			}}})
	}
	return volumes
}

// tmpLimit bounds what a job may write to /tmp, the only place that is writable besides its claims.
const tmpLimit = "256Mi"

func (r *Resolved) podVolumes() []corev1.Volume {
	volumes := []corev1.Volume{{Name: "tmp", VolumeSource: corev1.VolumeSource{
		EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: new(resource.MustParse(tmpLimit))},
	}}}
	volumes = append(volumes, throttleVolume())
	if name := r.database.LibraryConfigMap; name != "" {
		volumes = append(volumes, corev1.Volume{Name: "library",
			VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
				LocalObjectReference: corev1.LocalObjectReference{Name: name},
				Items:                []corev1.KeyToPath{{Key: libraryKey, Path: libraryKey}},
				DefaultMode:          new(corev1.ConfigMapVolumeSourceDefaultMode),
				Optional:             new(true), // where it is missing the job says so; the kubelet would only wait
			}}})
	}
	volumes = append(volumes, r.credentials()...)
	seen := map[string]bool{}
	for _, v := range r.volumes {
		if seen[v.ClaimName] { // one volume, mounted several times
			continue
		}
		seen[v.ClaimName] = true
		volumes = append(volumes, corev1.Volume{Name: r.volumeName(v.ClaimName), VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
				ClaimName: v.ClaimName, ReadOnly: !r.writes(v.ClaimName)},
		}})
	}
	return volumes
}

func (r *Resolved) mounts() []corev1.VolumeMount {
	mounts := []corev1.VolumeMount{
		{Name: "tmp", MountPath: "/tmp"},
		{Name: throttleFile, MountPath: throttleDir, ReadOnly: true},
	}
	if r.database.LibraryConfigMap != "" {
		mounts = append(mounts, corev1.VolumeMount{Name: "library", MountPath: libraryDir, ReadOnly: true})
	}
	if r.database.TLSSecretName != "" {
		mounts = append(mounts, corev1.VolumeMount{Name: "tls", MountPath: tlsDir, ReadOnly: true})
	}
	if r.database.TokenAudience != "" {
		mounts = append(mounts, corev1.VolumeMount{Name: "token", MountPath: tokenDir, ReadOnly: true})
	}
	for _, v := range r.volumes {
		mounts = append(mounts, corev1.VolumeMount{
			Name:      r.volumeName(v.ClaimName),
			MountPath: v.MountPath,
			SubPath:   v.SubPath,
			ReadOnly:  readOnly(v.Use),
		})
	}
	return mounts
}

// readOnly tells whether no task writes to volumes of a use.
func readOnly(use v1alpha1.VolumeUse) bool {
	return slices.ContainsFunc(jobspec.Folders(), func(f jobspec.Folder) bool {
		return f.Use == string(use) && f.ReadOnly
	})
}

// writes tells whether a run may write to any folder of a claim.
func (r *Resolved) writes(claim string) bool {
	return slices.ContainsFunc(r.volumes, func(v v1alpha1.VolumeSpec) bool {
		return v.ClaimName == claim && !readOnly(v.Use)
	})
}

// volumeName is short and plain whatever the claim is called.
func (r *Resolved) volumeName(claim string) string {
	for i, v := range r.volumes {
		if v.ClaimName == claim {
			return fmt.Sprintf("claim-%d", i)
		}
	}
	return "" // only ever asked about r.volumes
}
