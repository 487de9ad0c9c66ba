package cronjob

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// resolveOverlaps refuses two volumes that share a folder of a claim where the task would work on its files twice, or
// delete what belongs to another use, as far as the schedule and the chart's values name volumes; ProblemWith does it
// for those of other schedules. In the pod this cannot be seen: other volumes are not mounted there, and a
// folder of a claim does not show what is above it.
func (r *Resolved) resolveOverlaps() *Problem {
	known := slices.Concat(r.owner.Spec.Volumes, r.settings.Volumes)
	for i, v := range r.volumes {
		for _, before := range r.volumes[:i] {
			if before.Use == v.Use && overlaps(before, v) {
				return &Problem{v1alpha1.ReasonInvalidParameters, twiceMessage(before, v)}
			}
		}
		for _, other := range known {
			if deletesFrom(v, other) {
				named := fmt.Sprintf("the volume of use %s at %s", other.Use, other.MountPath)
				return &Problem{v1alpha1.ReasonInvalidParameters, overlapMessage(v, other, named)}
			}
		}
	}
	return nil
}

// deletesFrom tells whether a task that cleans one volume would delete files of another use.
func deletesFrom(cleaned, other v1alpha1.VolumeSpec) bool {
	switch other.Use {
	case v1alpha1.UseLibrary:
		return (cleaned.Use == v1alpha1.UseCache || cleaned.Use == v1alpha1.UseLogs) && overlaps(cleaned, other)
	case v1alpha1.UseLogs, v1alpha1.UseIndex:
		return cleaned.Use == v1alpha1.UseCache && cleaned.ClaimName == other.ClaimName &&
			liesIn(other.SubPath, cleaned.SubPath)
	}
	return false
}

// remedy is what to write for two volumes that share a folder.
const remedy = "name another claim, or a subPath for each so that neither folder lies in the other"

func twiceMessage(a, b v1alpha1.VolumeSpec) string {
	return fmt.Sprintf("the volumes of use %s at %s (%s) and at %s (%s) share a folder, and the task would work on its "+
		"files twice: remove one of the two, %s", a.Use, a.MountPath, folderOf(a), b.MountPath, folderOf(b), remedy)
}

// overlapMessage names the other volume as a message shows it.
func overlapMessage(cleaned, other v1alpha1.VolumeSpec, named string) string {
	return fmt.Sprintf("the volume of use %s at %s is %s, which overlaps %s (%s), and the task would delete from it: %s",
		cleaned.Use, cleaned.MountPath, folderOf(cleaned), named, folderOf(other), remedy)
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
