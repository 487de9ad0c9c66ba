package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MaintenanceSchedule runs one maintenance task of a UCore FS media library at set times. The controller turns it into
// one CronJob of the same name, and shows here how the runs ended.
//
// Run it once now: kubectl annotate msched NAME maintenance.ucorefs.io/run-now="run:$(date +%s)" --overwrite; with
// plan: instead of run: it only plans.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=msched,categories=maintenance
// +kubebuilder:printcolumn:name="TASK",type=string,JSONPath=`.spec.task`
// +kubebuilder:printcolumn:name="SCHEDULE",type=string,JSONPath=`.status.schedule`
// +kubebuilder:printcolumn:name="NEXT RUN",type=string,JSONPath=`.status.nextRun`
// +kubebuilder:printcolumn:name="LAST RUN",type=date,JSONPath=`.status.lastRun.finishedAt`
// +kubebuilder:printcolumn:name="RESULT",type=string,JSONPath=`.status.lastRun.outcome`
// +kubebuilder:printcolumn:name="DRY RUN",type=boolean,JSONPath=`.status.lastRun.dryRun`
// +kubebuilder:printcolumn:name="SUSPENDED",type=boolean,JSONPath=`.spec.suspend`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="DURATION",type=string,JSONPath=`.status.lastRun.duration`,priority=1
// +kubebuilder:printcolumn:name="LAST FAILURE",type=date,JSONPath=`.status.lastFailureTime`,priority=1
// +kubebuilder:printcolumn:name="MESSAGE",type=string,JSONPath=`.status.message`,priority=1
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 52",message="metadata.name is longer than 52 characters, and Kubernetes could not name the runs after it: use a shorter one, such as nightly-counts"
type MaintenanceSchedule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What to run, when, and within which limits.
	// +required
	Spec MaintenanceScheduleSpec `json:"spec"`
	// What the controller made of it: the next run, how the last ones ended, and what is wrong.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status MaintenanceScheduleStatus `json:"status,omitzero"`
}

// MaintenanceScheduleList is a list of schedules.
// +kubebuilder:object:root=true
type MaintenanceScheduleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MaintenanceSchedule `json:"items"`
}
