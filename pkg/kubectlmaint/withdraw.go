package kubectlmaint

import (
	"cmp"
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// UnendedError is a wait that ended before its run did.
type UnendedError struct {
	Run   string
	Begun bool   // the run was made
	Word  string // what was last known of it
	Cause error
}

func (e *UnendedError) Error() string {
	if e.Begun {
		return fmt.Sprintf("%s has not ended: %v; the run goes on, and kubectl maint history shows how it ends",
			e.Run, e.Cause)
	}
	return fmt.Sprintf("%s has not begun (%s): %v", e.Run, cmp.Or(e.Word, "the schedule was not read"), e.Cause)
}

func (e *UnendedError) Unwrap() error { return e.Cause }

// Withdraw takes a request back that has not begun, and tells whether it is taken back: it is not where its run was
// made, or where somebody else asked for another.
func (c *Cluster) Withdraw(ctx context.Context, name string, request Request) (bool, error) {
	ms, err := c.Schedule(ctx, name)
	if err != nil || ms.Status.RunNow == request.Value || ms.Annotations[v1alpha1.AnnotationRunNow] != request.Value {
		return false, err
	}
	_, err = c.Patch(ctx, name, withdrawPatch(ms.ResourceVersion))
	if apierrors.IsConflict(err) {
		return c.Withdraw(ctx, name, request) // somebody changed it since: look again
	}
	return err == nil, err
}
