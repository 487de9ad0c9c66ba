package controller

import (
	"context"
	"errors"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// scheduleIndex is the cache's index of Jobs and pods by their schedule: without it, each look at one of many schedules
// would go through the Jobs of all.
const scheduleIndex = "schedule"

func addIndex(ctx context.Context, to client.FieldIndexer, settings cronjob.Settings) error {
	byLabel := func(o client.Object) []string { return []string{o.GetLabels()[v1alpha1.LabelSchedule]} }
	byCleaned := func(o client.Object) []string { return cleanedClaims(o, settings) }
	return errors.Join(to.IndexField(ctx, &batchv1.Job{}, scheduleIndex, byLabel),
		to.IndexField(ctx, &corev1.Pod{}, scheduleIndex, byLabel),
		to.IndexField(ctx, &v1alpha1.MaintenanceSchedule{}, protectedIndex, protectedClaims),
		to.IndexField(ctx, &v1alpha1.MaintenanceSchedule{}, cleanedIndex, byCleaned))
}

// slim makes what the cache holds small.
func slim(object any) (any, error) {
	if c, ok := object.(*batchv1.CronJob); ok {
		cronjob.Strip(c)
	}
	return cache.TransformStripManagedFields()(object)
}

// CacheOptions keep only what the controller needs in memory: of Jobs and pods those of schedules, of CronJobs all,
// since a foreign one may stand in the way, but slim. Without namespaces it is those of all of them.
func CacheOptions(namespaces []string) cache.Options {
	ours := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy})}
	options := cache.Options{
		ByObject:         map[client.Object]cache.ByObject{&batchv1.Job{}: ours, &corev1.Pod{}: ours},
		DefaultTransform: slim,
	}
	for _, namespace := range namespaces {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	return options
}
