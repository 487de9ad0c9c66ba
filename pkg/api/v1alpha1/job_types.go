package v1alpha1

import corev1 "k8s.io/api/core/v1"

// DatabaseSpec says where the connection string is, and which database to work on.
type DatabaseSpec struct {
	// The Secret in the schedule's namespace that holds the connection string.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",message="database.secretName: write the name of a Secret in this namespace, such as ucorefs-mongodb; the connection string itself never goes here"
	SecretName string `json:"secretName,omitempty"`
	// The key in that Secret, such as uri.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9._-]+$')",message="database.secretKey: write a key of the Secret, such as uri; the connection string itself never goes here"
	SecretKey string `json:"secretKey,omitempty"`
	// The database's name, such as ucorefs. If it is not set anywhere, the one that the connection string names.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^/. \"$*<>:|?]+$')",message="database.name: write the name of a MongoDB database, such as ucorefs, without slashes, dots, spaces or quotes"
	Name string `json:"name,omitempty"`
	// A ConfigMap in the schedule's namespace whose key library.yaml declares the library. If it is not set anywhere, the
	// collections of the database tell which of the built-in declarations, ucorefs and ucorefs-web, it is.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",message="database.libraryConfigMap: write the name of a ConfigMap in this namespace that has the key library.yaml"
	LibraryConfigMap string `json:"libraryConfigMap,omitempty"`
	// Removed: use libraryConfigMap. A stored schedule that still has this field does not run, instead of running on
	// another library.
	// +optional
	// +kubebuilder:validation:XValidation:rule="false",message="database.modelConfigMap was removed: collections and fields are named by a declaration now; run maint-job declare --print=ucorefs > library.yaml, change the names there, make a ConfigMap with the key library.yaml of it, and name that ConfigMap in database.libraryConfigMap"
	ModelConfigMap string `json:"modelConfigMap,omitempty"`
	// A Secret in the schedule's namespace with certificates, which the pods see as files in /etc/mongodb-tls, each under
	// its key. The connection string names them, as in
	// tlsCAFile=/etc/mongodb-tls/ca.crt&tlsCertificateFile=/etc/mongodb-tls/tls.crt&tlsPrivateKeyFile=/etc/mongodb-tls/tls.key.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",message="database.tlsSecretName: write the name of a Secret in this namespace that holds certificates"
	TLSSecretName string `json:"tlsSecretName,omitempty"`
	// The audience, such as mongodb, of a token of the pods' service account, for a connection string with
	// authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:k8s. The API server takes no token of another
	// audience than its own.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9][A-Za-z0-9:/._-]*$')",message="database.tokenAudience: write the audience that the database expects in a token, such as mongodb"
	TokenAudience string `json:"tokenAudience,omitempty"`
}

// VolumeSpec is one persistent volume claim and where the pods see it.
type VolumeSpec struct {
	// The claim in the schedule's namespace.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",message="volumes.claimName: write the name of a PersistentVolumeClaim in this namespace, such as photos"
	ClaimName string `json:"claimName"`
	// Where the pods see it, such as /library/photos. It lies below /library, /data, /mnt, /media, /srv, /cache, /logs or
	// /index, so that nothing of the image can be replaced; for paths recorded elsewhere there are path maps.
	// +required
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^/(library|data|mnt|media|srv|cache|logs|index)(/[^/:,=]+)*$') && !self.matches('/[.][.]?(/|$)')",message="volumes.mountPath: write a path at or below /library, /data, /mnt, /media, /srv, /cache, /logs or /index, such as /library/photos, without a trailing slash, '..', ':', ',' or '='"
	MountPath string `json:"mountPath"`
	// A folder of the claim to mount instead of all of it, such as photos/2024.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.matches('(^|/)[.][.](/|$)')",message="volumes.subPath: write a relative path inside the claim, such as photos/2024, without '..'"
	SubPath string `json:"subPath,omitempty"`
	// What it holds: Library (a library root, mounted read-only), Cache, Logs or Index.
	// +required
	Use VolumeUse `json:"use"`
}

// JobSpec adjusts the pods of the runs. There is no image, service account, command or pod template: whoever may write
// a schedule may not thereby run a program of their choice.
type JobSpec struct {
	// CPU and memory of the pod; what is not set here comes from the chart's values.
	// +optional
	Resources *ResourcesSpec `json:"resources,omitempty"`
	// The user id of the pods, such as 1000, to match the owner of the files on the claims. It is never 0. If it is not
	// set, the chart's jobs.user. Ignored, like the groups, where the cluster chooses the ids (the chart's openshift).
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	User *int64 `json:"user,omitempty"`
	// The primary group id of the pods. It is never 0. If it is not set, the chart's jobs.group.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	Group *int64 `json:"group,omitempty"`
	// Further groups of the pods, for files that a group may read. Group 0 is not allowed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=2147483647
	SupplementalGroups []int64 `json:"supplementalGroups,omitempty"`
	// The group of volumes of use Cache, Logs and Index. Never 0. If it is not set, the chart's jobs.fsGroup.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	FSGroup *int64 `json:"fsGroup,omitempty"`
	// Always, or OnRootMismatch (the default): where the top folder has another group.
	// +optional
	// +kubebuilder:validation:Enum=OnRootMismatch;Always
	FSGroupChangePolicy corev1.PodFSGroupChangePolicy `json:"fsGroupChangePolicy,omitempty"`
	// The labels that a node must have, such as kubernetes.io/arch: amd64.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$'))",message="job.nodeSelector: the key of a label has only letters, digits and - . _ between them, such as kubernetes.io/arch"
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// The taints of nodes that the pods accept.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`
	// Labels added to the Jobs and pods, for example for a NetworkPolicy or for accounting.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.contains('maintenance.ucorefs.io/') && !k.contains('kubernetes.io/') && k != 'controller-uid' && k != 'job-name')",message="job.labels: labels of maintenance.ucorefs.io and kubernetes.io are set by the controllers; use a prefix of your own, such as example.com/team"
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$'))",message="job.labels: the key of a label has only letters, digits and - . _ between them, such as example.com/team"
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations added to the Jobs and pods, for example linkerd.io/inject: disabled in a namespace whose pods get a
	// proxy, with which a run would never end.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.contains('maintenance.ucorefs.io/') && (!k.contains('kubernetes.io/') || k.startsWith('cluster-autoscaler.kubernetes.io/')))",message="job.annotations: annotations of maintenance.ucorefs.io and kubernetes.io are set by the controllers; use those of other programs, such as linkerd.io/inject, or cluster-autoscaler.kubernetes.io/safe-to-evict"
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$'))",message="job.annotations: the key of an annotation has only letters, digits and - . _ between them, such as linkerd.io/inject"
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ResourcesSpec is the CPU and memory of a pod.
type ResourcesSpec struct {
	// What the pod is sure to get, such as cpu: 100m, memory: 128Mi.
	// +optional
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(k, isQuantity(string(self[k])))",message="job.resources.requests: write Kubernetes quantities, such as cpu: 250m and memory: 1Gi (Gb, MB and the like are none)"
	// +kubebuilder:validation:XValidation:rule="self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'] || k.startsWith('hugepages-') || k.contains('/'))",message="job.resources.requests: write cpu, memory, ephemeral-storage, or the full name of a device, such as example.com/gpu"
	Requests corev1.ResourceList `json:"requests,omitempty"`
	// What the pod may use at most, such as memory: 1Gi.
	// +optional
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(k, isQuantity(string(self[k])))",message="job.resources.limits: write Kubernetes quantities, such as cpu: 250m and memory: 1Gi (Gb, MB and the like are none)"
	// +kubebuilder:validation:XValidation:rule="self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'] || k.startsWith('hugepages-') || k.contains('/'))",message="job.resources.limits: write cpu, memory, ephemeral-storage, or the full name of a device, such as example.com/gpu"
	Limits corev1.ResourceList `json:"limits,omitempty"`
}
