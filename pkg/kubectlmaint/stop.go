package kubectlmaint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Stop deletes the Jobs of the runs that are under way, or of the named one, and returns the runs' names. Kubernetes
// tells their pods to end: a run stops at its next batch, and what it did stays.
func (c *Cluster) Stop(ctx context.Context, name, run string) (stopped []string, err error) {
	ms, err := c.Schedule(ctx, name)
	if err != nil {
		return nil, err
	}
	runs, err := underWayOf(ms, run)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		err := c.kube.BatchV1().Jobs(c.Namespace).
			Delete(ctx, run, metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)})
		switch {
		case apierrors.IsNotFound(err): // it ended since
		case err != nil:
			return stopped, explain("delete the Job "+run, err)
		default:
			stopped = append(stopped, run)
		}
	}
	return stopped, nil
}

// underWayOf are the runs of a schedule that are under way: all, or the named one.
func underWayOf(ms *v1alpha1.MaintenanceSchedule, run string) (runs []string, err error) {
	for _, active := range ms.Status.Active {
		runs = append(runs, active.Run)
	}
	switch {
	case len(runs) == 0:
		return nil, fmt.Errorf("no run of %s is under way: kubectl maint history %s shows how the last ones ended",
			ms.Name, ms.Name)
	case run == "":
		return runs, nil
	case !slices.Contains(runs, run):
		return nil, fmt.Errorf("the run %s of %s is not under way; under way: %s",
			run, ms.Name, strings.Join(runs, ", "))
	}
	return []string{run}, nil
}
