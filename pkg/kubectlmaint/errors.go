package kubectlmaint

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// ErrNotInstalled is what a cluster without the resource gets.
var ErrNotInstalled = errors.New("this cluster has no MaintenanceSchedules: install the chart first, " +
	"helm install maintenance charts/maintenance, " +
	"or choose another cluster with --context")

// explain adds to an API server's error what to do about it.
func explain(what string, err error) error {
	var status apierrors.APIStatus
	switch {
	case apierrors.IsForbidden(err): // its text names the user, the verb, the resource and the namespace
		return fmt.Errorf("%s: %w; ask whoever runs the cluster for a Role with that verb and resource", what, err)
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("%s: the cluster does not know you: log in again, or choose another user with --context: %w",
			what, err)
	case apierrors.IsConflict(err) && errors.As(err, &status):
		return fmt.Errorf("%s: somebody else set a field that the file sets too: leave it out of the file, "+
			"or take it over with --force-conflicts: %w", what, err)
	case apierrors.IsNotFound(err) && errors.As(err, &status) && isNoResource(status):
		return ErrNotInstalled
	case utilnet.IsConnectionRefused(err):
		return fmt.Errorf("%s: no API server answers there: is it the right cluster? Set KUBECONFIG, "+
			"--kubeconfig or --context: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// isNoResource tells a server that does not have the resource from one that does not have that object: only the second
// knows its name.
func isNoResource(status apierrors.APIStatus) bool {
	details := status.Status().Details
	return details == nil || details.Name == "" ||
		strings.Contains(status.Status().Message, "could not find the requested resource")
}

// diagnose looks for what a person may have meant where there is no schedule of that name.
func (c *Cluster) diagnose(ctx context.Context, what string, err error) error {
	explained := explain(what, err)
	if !apierrors.IsNotFound(explained) {
		return explained
	}
	here, problem := c.list(ctx, c.Namespace, "")
	if problem != nil {
		return explain(what, problem)
	}
	var status apierrors.APIStatus
	errors.As(err, &status)
	name := status.Status().Details.Name
	elsewhere, problem := c.list(ctx, "", "")
	if problem != nil { // who may not look there is told of here only
		elsewhere = here
	}
	return &NoScheduleError{Name: name, Namespace: c.Namespace,
		Hint: similar(name, c.Namespace, here.Items, elsewhere.Items)}
}

// NoScheduleError says that there is no schedule of that name, and which there are.
type NoScheduleError struct{ Name, Namespace, Hint string }

func (e *NoScheduleError) Error() string {
	return fmt.Sprintf("no schedule %q in the namespace %s: %s", e.Name, e.Namespace, e.Hint)
}
