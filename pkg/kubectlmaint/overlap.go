package kubectlmaint

import (
	"context"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// RefuseShared refuses a schedule that would delete files of another schedule of its namespace, or that names files
// that another one would delete, as far as the schedules name their volumes themselves. The controller, which also
// knows the chart's values, would make one of the two Stalled.
func (c *Cluster) RefuseShared(ctx context.Context, ms *v1alpha1.MaintenanceSchedule) error {
	if len(ms.Spec.Volumes) == 0 {
		return nil
	}
	all, err := c.list(ctx, ms.Namespace, "")
	if err != nil {
		return explain("list the schedules", err)
	}
	for i := range all.Items {
		if all.Items[i].Name == ms.Name {
			continue
		}
		if err := cronjob.ProblemBetween(ms, &all.Items[i]); err != nil {
			return err
		}
	}
	return nil
}
