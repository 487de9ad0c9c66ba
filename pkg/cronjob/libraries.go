package cronjob

import "ucorefs.io/maintenance/pkg/api/v1alpha1"

// Library is a volume of use Library of another schedule in the namespace.
type Library struct {
	Schedule string // its name
	Volume   v1alpha1.VolumeSpec
}

// Libraries are the volumes of use Library that a schedule names, whether or not its task works on them.
func Libraries(ms *v1alpha1.MaintenanceSchedule) (found []v1alpha1.VolumeSpec) {
	for _, v := range ms.Spec.Volumes {
		if v.Use == v1alpha1.UseLibrary {
			found = append(found, v)
		}
	}
	return found
}

// Cleaned are the volumes that the runs of a schedule delete from.
func Cleaned(ms *v1alpha1.MaintenanceSchedule, settings Settings) []v1alpha1.VolumeSpec {
	r := &Resolved{owner: ms, settings: settings}
	if r.resolveTask() != nil || r.resolveVolumes() != nil {
		return nil
	}
	return r.cleaned()
}

func (r *Resolved) cleaned() (found []v1alpha1.VolumeSpec) {
	for _, v := range r.volumes {
		if v.Use == v1alpha1.UseCache || v.Use == v1alpha1.UseLogs {
			found = append(found, v)
		}
	}
	return found
}

// ProblemWith refuses a volume that the task deletes from and that shares a folder with the library of another
// schedule; nil: there is none. The pod cannot see it: a library that is mounted read-only holds no marker.
func (r *Resolved) ProblemWith(others []Library) *Problem {
	for _, cleaned := range r.cleaned() {
		for _, other := range others {
			if overlaps(cleaned, other.Volume) {
				named := "the library of the schedule " + other.Schedule
				return &Problem{v1alpha1.ReasonInvalidParameters, overlapMessage(cleaned, other.Volume, named)}
			}
		}
	}
	return nil
}
