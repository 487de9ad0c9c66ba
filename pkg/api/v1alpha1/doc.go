// Package v1alpha1 is the MaintenanceSchedule resource: what a user writes, what the controller answers, and every word
// that the two share (condition types, reasons, labels, annotations).
//
// The comments of the fields are the documentation that `kubectl explain msched.spec` prints. What a spec may hold is
// decided by the CEL rules here, each with a message that says what to write instead; what only the controller can know
// (that a cron expression never fires, that a time zone does not exist) becomes the condition Stalled.
//
// +kubebuilder:object:generate=true
// +groupName=maintenance.ucorefs.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Group and Kind name the resource.
const (
	Group = "maintenance.ucorefs.io"
	Kind  = "MaintenanceSchedule"
)

// GroupVersion is what manifests write as apiVersion.
var GroupVersion = schema.GroupVersion{Group: Group, Version: "v1alpha1"}

// AddToScheme registers the resource's types.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &MaintenanceSchedule{}, &MaintenanceScheduleList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
