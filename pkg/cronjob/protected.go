package cronjob

import (
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Protected is a volume of another schedule in the namespace, whose files no other schedule may delete.
type Protected struct {
	Schedule string // its name
	Volume   v1alpha1.VolumeSpec
}

// ProtectedBy are the volumes of uses other than Cache that a schedule names, whether or not its task works on them.
func ProtectedBy(ms *v1alpha1.MaintenanceSchedule) (found []Protected) {
	for _, v := range ms.Spec.Volumes {
		if v.Use != v1alpha1.UseCache {
			found = append(found, Protected{Schedule: ms.Name, Volume: v})
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

// ProblemWith refuses a volume from which the task would delete files of other schedules; nil: there is none. The pod
// cannot see it: other volumes are not mounted there, and a library that is mounted read-only holds no marker.
func (r *Resolved) ProblemWith(others []Protected) *Problem { return problemOf(r.cleaned(), others) }

// ProblemBetween refuses two schedules of a namespace of which one would delete files of the other, as far as both name
// their volumes themselves; nil: neither does. The error names the one that would delete.
func ProblemBetween(a, b *v1alpha1.MaintenanceSchedule) error {
	for _, pair := range [][2]*v1alpha1.MaintenanceSchedule{{a, b}, {b, a}} {
		if problem := problemOf(Cleaned(pair[0], Settings{}), ProtectedBy(pair[1])); problem != nil {
			return fmt.Errorf("schedule %s: %w", pair[0].Name, problem)
		}
	}
	return nil
}

func problemOf(cleaned []v1alpha1.VolumeSpec, others []Protected) *Problem {
	for _, v := range cleaned {
		for _, other := range others {
			if deletesFrom(v, other.Volume) {
				return &Problem{v1alpha1.ReasonInvalidParameters, overlapMessage(v, other.Volume, other.named())}
			}
		}
	}
	return nil
}

// named is the volume as a message shows it, such as the library of the schedule photos.
func (p Protected) named() string {
	return "the " + strings.ToLower(string(p.Volume.Use)) + " of the schedule " + p.Schedule
}
