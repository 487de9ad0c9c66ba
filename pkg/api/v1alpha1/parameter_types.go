package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CacheCleanupSpec are the parameters of cache-cleanup.
type CacheCleanupSpec struct {
	// The size to which the cache folders shrink, such as 10Gi.
	// +optional
	// +kubebuilder:default="10Gi"
	// +kubebuilder:validation:XValidation:rule="!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('1Mi')) >= 0",message="cacheCleanup.maxSize is less than 1Mi",messageExpression="'cacheCleanup.maxSize is ' + string(self) + ', and a number without a unit is in bytes: ' + (string(self).matches('^[1-9][0-9]*$') ? 'did you mean ' + string(self) + 'Gi?' : 'write 1Mi or more')"
	MaxSize *resource.Quantity `json:"maxSize,omitempty"`
	// The age in days past which a file is deleted whatever the size.
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=36500
	MaxAgeDays *int32 `json:"maxAgeDays,omitempty"`
}

// LogRotationSpec are the parameters of log-rotation.
type LogRotationSpec struct {
	// The size above which a log is rotated, such as 100Mi.
	// +optional
	// +kubebuilder:default="100Mi"
	// +kubebuilder:validation:XValidation:rule="!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('1Mi')) >= 0",message="logRotation.maxSize is less than 1Mi",messageExpression="'logRotation.maxSize is ' + string(self) + ', and a number without a unit is in bytes: ' + (string(self).matches('^[1-9][0-9]*$') ? 'did you mean ' + string(self) + 'Mi?' : 'write 1Mi or more')"
	MaxSize *resource.Quantity `json:"maxSize,omitempty"`
	// How many rotated generations of each log are kept, and how many whole log files
	// whose names differ only in a time, such as app_2026-01-31.log.
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	MaxFiles *int32 `json:"maxFiles,omitempty"`
	// True compresses rotated generations with gzip.
	// +optional
	Compress bool `json:"compress,omitempty"`
	// True copies and truncates instead of renaming, for writers that never reopen their log.
	// +optional
	CopyTruncate bool `json:"copyTruncate,omitempty"`
}

// CleanupOldRecordsSpec are the parameters of cleanup-old-records.
type CleanupOldRecordsSpec struct {
	// The age in days past which finished task records are deleted.
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=36500
	TaskRetentionDays *int32 `json:"taskRetentionDays,omitempty"`
	// The age in days past which journal entries are deleted.
	// +optional
	// +kubebuilder:default=90
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=36500
	JournalRetentionDays *int32 `json:"journalRetentionDays,omitempty"`
}

// BackgroundCountVerificationSpec are the parameters of background-count-verification.
type BackgroundCountVerificationSpec struct {
	// How long one run may work, such as 2m, before it pauses; the next one goes on from there. 0s means until done.
	// +optional
	// +kubebuilder:default="2m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0",message="timeBudget: write hours, minutes and seconds, such as 2m"
	TimeBudget *metav1.Duration `json:"timeBudget,omitempty"`
}

// DatabaseOptimizationSpec are the parameters of database-optimization.
type DatabaseOptimizationSpec struct {
	// How much must be expected to come back before a collection is compacted, such as 64Mi.
	// +optional
	// +kubebuilder:default="64Mi"
	// +kubebuilder:validation:XValidation:rule="!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('1Mi')) >= 0",message="databaseOptimization.compactThreshold is less than 1Mi",messageExpression="'databaseOptimization.compactThreshold is ' + string(self) + ', and a number without a unit is in bytes: ' + (string(self).matches('^[1-9][0-9]*$') ? 'did you mean ' + string(self) + 'Mi?' : 'write 1Mi or more')"
	CompactThreshold *resource.Quantity `json:"compactThreshold,omitempty"`
	// True compacts on a replica set's primary too, which blocks its writers meanwhile.
	// +optional
	CompactPrimary bool `json:"compactPrimary,omitempty"`
}

// CleanupOrphanedFileRecordsSpec are the parameters of cleanup-orphaned-file-records.
type CleanupOrphanedFileRecordsSpec struct {
	// Where recorded paths are found in the pod, for paths that were recorded on another machine.
	// +optional
	// +listType=map
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=32
	PathMaps []PathMap `json:"pathMaps,omitempty"`
}

// PathMap says where recorded paths are found in the pod.
type PathMap struct {
	// The beginning of a recorded path, such as D:/Photos.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.contains('=')",message="pathMaps.from must not hold an equals sign: map a shorter beginning of the path"
	From string `json:"from"`
	// What takes its place, such as /library/photos.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.startsWith('/')",message="pathMaps.to: write an absolute path in the pod, such as /library/photos"
	To string `json:"to"`
}
