package controller

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// The cache's indexes of schedules by the claims that no other may clean, and by those that their runs delete from: a
// look at one of many schedules goes through those on the same claims only.
const (
	protectedIndex = "protected"
	cleanedIndex   = "cleaned"
)

func protectedClaims(o client.Object) []string {
	ms, _ := o.(*v1alpha1.MaintenanceSchedule)
	var volumes []v1alpha1.VolumeSpec
	for _, p := range cronjob.ProtectedBy(ms) {
		volumes = append(volumes, p.Volume)
	}
	return claimsOf(volumes)
}

func cleanedClaims(o client.Object, settings cronjob.Settings) []string {
	ms, _ := o.(*v1alpha1.MaintenanceSchedule)
	return claimsOf(cronjob.Cleaned(ms, settings))
}

// claimsOf are the claims of volumes, each once.
func claimsOf(volumes []v1alpha1.VolumeSpec) (claims []string) {
	for _, v := range volumes {
		claims = append(claims, v.ClaimName)
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}

// readProtected finds the volumes of other schedules on the claims that this one deletes from. The cache shows the
// schedules in the order in which they were written: a volume that was named before this schedule is never missed.
func (r *Reconciler) readProtected(ctx context.Context, seen *observation) error {
	for _, claim := range cleanedClaims(seen.schedule, r.Settings) {
		others, err := r.schedulesOn(ctx, seen.schedule, protectedIndex, claim)
		if err != nil {
			return err
		}
		for _, other := range others {
			seen.protected = append(seen.protected, cronjob.ProtectedBy(&other)...)
		}
	}
	return nil
}

// schedulesOn are the other schedules of the namespace that an index has for a claim, by name.
func (r *Reconciler) schedulesOn(ctx context.Context, ms *v1alpha1.MaintenanceSchedule,
	index, claim string) ([]v1alpha1.MaintenanceSchedule, error) {
	var all v1alpha1.MaintenanceScheduleList
	err := r.Client.List(ctx, &all, client.InNamespace(ms.Namespace), client.MatchingFields{index: claim})
	if err != nil {
		return nil, fmt.Errorf("list the schedules on the claim %s: %w", claim, err)
	}
	isItself := func(other v1alpha1.MaintenanceSchedule) bool { return other.Name == ms.Name }
	others := slices.DeleteFunc(all.Items, isItself)
	slices.SortFunc(others, func(a, b v1alpha1.MaintenanceSchedule) int { return cmp.Compare(a.Name, b.Name) })
	return others, nil
}

// cleanersOf maps a schedule whose volumes changed to those that delete from the same claims.
func (r *Reconciler) cleanersOf(ctx context.Context, object client.Object) (requests []reconcile.Request) {
	ms, _ := object.(*v1alpha1.MaintenanceSchedule)
	for _, claim := range protectedClaims(object) {
		others, err := r.schedulesOn(ctx, ms, cleanedIndex, claim)
		if err != nil { // of a cache that stops
			ctrl.LoggerFrom(ctx).Error(err, "look at schedules again")
		}
		for _, other := range others {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&other)})
		}
	}
	return requests
}
