package cronjob

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// NonRoot is the user and group of the images.
const NonRoot int64 = 65532

// securityContext passes Pod Security "restricted", and gives the pods the ids that suit the files on the claims.
func (r *Resolved) securityContext() *corev1.PodSecurityContext {
	context := &corev1.PodSecurityContext{
		RunAsNonRoot:   new(true),
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	if r.settings.ClusterIDs {
		return context
	}
	context.RunAsUser = new(cmp.Or(r.settings.User, NonRoot))
	context.RunAsGroup = new(cmp.Or(r.settings.Group, NonRoot))
	if job := r.owner.Spec.Job; job != nil {
		context.RunAsUser = cmp.Or(job.User, context.RunAsUser)
		context.RunAsGroup = cmp.Or(job.Group, context.RunAsGroup)
		context.SupplementalGroups = job.SupplementalGroups
	}
	if group := r.fsGroup(); group != 0 && r.writesFolders() {
		context.FSGroup = &group
		context.FSGroupChangePolicy = new(r.fsGroupChangePolicy())
	}
	return context
}

// fsGroup is the group that the kubelet gives the volumes to; 0: none. A library never gets one: its claim is mounted
// read-only, which the kubelet leaves as it is, and a pod that has nothing else asks for none.
func (r *Resolved) fsGroup() int64 {
	if job := r.owner.Spec.Job; job != nil && job.FSGroup != nil {
		return *job.FSGroup
	}
	return r.settings.FSGroup
}

// fsGroupChangePolicy is OnRootMismatch unless the schedule says otherwise: to look at each file of a cache before each
// run can take longer than the run.
func (r *Resolved) fsGroupChangePolicy() corev1.PodFSGroupChangePolicy {
	if job := r.owner.Spec.Job; job != nil && job.FSGroupChangePolicy != "" {
		return job.FSGroupChangePolicy
	}
	return corev1.FSGroupChangeOnRootMismatch
}

// writesFolders tells whether a run may write to any of its claims.
func (r *Resolved) writesFolders() bool {
	return slices.ContainsFunc(r.volumes, func(v v1alpha1.VolumeSpec) bool { return !readOnly(v.Use) })
}

// fsGroupNote says where a schedule asks for a group that its volumes do not get.
func (r *Resolved) fsGroupNote() []string {
	job := r.owner.Spec.Job
	if job == nil || job.FSGroup == nil || (r.writesFolders() && !r.settings.ClusterIDs) {
		return nil
	}
	if r.settings.ClusterIDs {
		return []string{"spec.job.fsGroup has no effect: the cluster chooses the ids (the chart's openshift)"}
	}
	return []string{"spec.job.fsGroup has no effect: the task " + r.Task.Name + " writes to no volume, and a library " +
		"keeps its groups; to read files of a group, name it in spec.job.supplementalGroups"}
}
