package v1alpha1

import "k8s.io/apimachinery/pkg/types"

// RunOrder is an order of the annotation run-now, and what became of it. Each value there is one order.
type RunOrder struct {
	// The metadata.uid of the schedule that it was given to. A status that was restored or copied from another schedule
	// says nothing about the orders of this one.
	UID types.UID `json:"uid"`
	// The value of the annotation; empty before the first order.
	// +optional
	Value string `json:"value,omitempty"`
	// What became of it; empty before the first order.
	// +optional
	State OrderState `json:"state,omitempty"`
	// Whether its run only plans. An order that was a plan when the controller first saw it stays one.
	// +optional
	DryRun bool `json:"dryRun,omitempty"`
	// The run that it started.
	// +optional
	Run string `json:"run,omitempty"`
	// Whether the annotation run-now-dry-run was true when the controller last looked.
	// +optional
	DryRunAnnotation bool `json:"dryRunAnnotation,omitempty"`
}

// OrderState is what became of an order.
// +kubebuilder:validation:Enum=Noted;Waiting;Started;Withdrawn;Rejected
type OrderState string

// The states of an order.
const (
	OrderNoted     OrderState = "Noted"     // it was there when the controller first saw the schedule, and starts nothing
	OrderWaiting   OrderState = "Waiting"   // it starts a run as soon as no other is under way and the schedule can work
	OrderStarted   OrderState = "Started"   // its run was made
	OrderWithdrawn OrderState = "Withdrawn" // the annotation was removed before the run was made
	OrderRejected  OrderState = "Rejected"  // its value is unclear, and starts nothing
)
