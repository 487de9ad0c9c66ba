// Package cronjob turns a MaintenanceSchedule and the operator's settings into the exact CronJob, and into the Job that
// run-now makes.
//
// It is pure: no API calls, no clock. Resolve says whether the spec can work, and why not; what it returns builds
// objects and cannot fail. The objects hold every field that the API server would default, so that Differs can compare
// them with what is stored, field by field, and see whatever somebody changed by hand.
package cronjob

import (
	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/schedule"
)

// Settings are what the operator decides for all schedules; a schedule may override the last three only.
type Settings struct {
	Image               string
	PullPolicy          corev1.PullPolicy
	ServiceAccount      string // in the schedule's namespace; without a token
	LowPriorityClass    string // for priority Low; empty: the cluster's default
	NormalPriorityClass string // for priority Normal; empty: the cluster's default
	HighPriorityClass   string // for priority High; empty: the cluster's default
	LogLevel            string // of the jobs: debug, info, warn or error
	ProgressPort        int32  // on which the jobs serve their progress; 0: they do not
	User, Group         int64  // of the pods, to suit the files on the claims; 0 means NonRoot
	FSGroup             int64  // the group of volumes that runs write to; 0: none
	ClusterIDs          bool   // the cluster chooses User and Group, as OpenShift wants it
	HostUsers           *bool  // false: a user namespace for each pod; nil: as the cluster has it

	Database  v1alpha1.DatabaseSpec
	Volumes   []v1alpha1.VolumeSpec
	Resources v1alpha1.ResourcesSpec
}

// Problem says why a spec cannot work, and what to write instead.
type Problem struct {
	Reason  string // one of v1alpha1's reasons of Stalled
	Message string
}

func (p *Problem) Error() string { return p.Message }

// Resolved is a spec that can work, with every default filled in.
type Resolved struct {
	Task     jobspec.Task
	Schedule schedule.Schedule
	// Notes name the fields that have no effect, or may have another one than was meant, one sentence each.
	Notes []string

	owner    *v1alpha1.MaintenanceSchedule
	settings Settings
	options  jobspec.Options
	database v1alpha1.DatabaseSpec
	volumes  []v1alpha1.VolumeSpec
	holders  []Colocated
	window   string // as the job's flag takes it; empty: none
}

// Resolve fills in the defaults of ms. The error is a *Problem.
func Resolve(ms *v1alpha1.MaintenanceSchedule, settings Settings) (*Resolved, error) {
	r := &Resolved{owner: ms, settings: settings}
	for _, step := range []func() *Problem{
		r.resolveTask, r.resolveSchedule, r.resolveWindow, r.resolveDatabase, r.resolveVolumes, r.resolveOverlaps,
		r.resolveLabels, r.resolveResources, r.resolveOptions,
	} {
		if problem := step(); problem != nil {
			return nil, problem
		}
	}
	r.Notes = r.notes()
	return r, nil
}
