package cronjob

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// resolveOverlaps refuses a volume that the task deletes from and that is, holds, or lies below a library, as far as
// the schedule and the chart's values name libraries; ProblemWith does it for those of other schedules. In the pod this
// cannot be seen: the library is not mounted there, and a folder of a claim does not show what is above it.
func (r *Resolved) resolveOverlaps() *Problem {
	known := slices.Concat(r.owner.Spec.Volumes, r.settings.Volumes)
	for _, cleaned := range r.cleaned() {
		for _, library := range known {
			if library.Use == v1alpha1.UseLibrary && overlaps(cleaned, library) {
				at := "the library at " + library.MountPath
				return &Problem{v1alpha1.ReasonInvalidParameters, overlapMessage(cleaned, library, at)}
			}
		}
	}
	return nil
}

// overlapMessage names the library as a message shows it.
func overlapMessage(cleaned, library v1alpha1.VolumeSpec, named string) string {
	return fmt.Sprintf("the volume of use %s at %s is %s, which overlaps %s (%s), and the task would delete from it: "+
		"name another claim, or a subPath for each so that neither folder lies in the other",
		cleaned.Use, cleaned.MountPath, folderOf(cleaned), named, folderOf(library))
}

func folderOf(v v1alpha1.VolumeSpec) string {
	if v.SubPath == "" {
		return "the whole claim " + v.ClaimName
	}
	return fmt.Sprintf("the folder %s of the claim %s", v.SubPath, v.ClaimName)
}

// overlaps tells whether two volumes share a folder of a claim.
func overlaps(a, b v1alpha1.VolumeSpec) bool {
	return a.ClaimName == b.ClaimName && (liesIn(a.SubPath, b.SubPath) || liesIn(b.SubPath, a.SubPath))
}

// liesIn tells whether one folder of a claim is or lies in another.
func liesIn(folder, other string) bool {
	folder, other = path.Join("/", folder), path.Join("/", other)
	return folder == other || other == "/" || strings.HasPrefix(folder, other+"/")
}
